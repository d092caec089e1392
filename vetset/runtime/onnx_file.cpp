#include "vetset/runtime/onnx_file.h"

#include <algorithm>
#include <map>
#include <optional>

#include "vetset/base/number.h"
#include "vetset/base/unicode.h"
#include "vetset/runtime/proto_walk.h"

namespace vetset {
namespace {

/// What a model may hold of one kind before it is taken for an attack.
constexpr std::uint64_t most_records = 4'000'000;
constexpr std::size_t longest_name = 64 << 10;
constexpr std::size_t most_dimensions = 4096;

enum class Tensors : std::uint8_t { initialiser, constant };

class OnnxReader {
 public:
  OnnxReader(std::string_view bytes, const Limits& limits) : bytes_(bytes), limits_(limits) {}

  Result<OnnxFile> read();

 private:
  struct TensorRead {
    OnnxInitialiser tensor;
    std::string location;
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> length;
  };

  ProtoWalk walk(std::string_view message) const { return {message, message.data() - bytes_.data()}; }
  void model(ProtoWalk p);
  void graph(ProtoWalk p, bool main);
  void function(ProtoWalk p);
  void node(ProtoWalk p);
  void attribute(ProtoWalk p);
  void tensor(ProtoWalk p, Tensors role);
  std::uint64_t tensor_bytes(const TensorRead& t, const ProtoField& field);
  OnnxValue value_info(ProtoWalk p);
  void type_of(ProtoWalk p, OnnxValue& value);
  void shape_of(ProtoWalk p, OnnxValue& value);
  OnnxOpset opset(ProtoWalk p);
  std::pair<std::string, std::string> entry(ProtoWalk p);
  void external(const TensorRead& t, const ProtoField& at);

  void fail(const ProtoWalk& p) {
    if (!error_ && p.failed()) error_ = p.error();
  }
  void fail(const ProtoField& at, std::string message, Code code = Code::malformed) {
    if (!error_) error_ = Error{code, message + ", at byte " + std::to_string(at.offset)};
  }
  /// Counts a record, and stops where there are too many.
  bool one_more(const ProtoField& at) {
    if (++records_ > most_records) fail(at, "has more than 4,000,000 records", Code::limit);
    return !error_;
  }
  std::string text(const ProtoField& field, const char* what) {
    if (field.bytes.size() > longest_name) {
      fail(field, std::string(what) + " is longer than 64 KB", Code::limit);
      return {};
    }
    return std::string(field.bytes);
  }

  std::string_view bytes_;
  Limits limits_;
  OnnxFile file_;
  std::optional<Error> error_;
  std::uint64_t records_ = 0;
  std::uint32_t depth_ = 0;
  bool has_graph_ = false;
  std::map<std::pair<std::string, std::string>, std::uint64_t> operators_;
  std::map<std::string, OnnxExternal> external_;
};

std::string onnx_domain(std::string_view domain) { return domain == "ai.onnx" ? std::string() : std::string(domain); }

/// What stands in place of a model, where that can be told from its first bytes.
const char* no_onnx(std::string_view bytes) {
  if (bytes.empty()) return "is empty";
  if (bytes.starts_with("version https://git-lfs")) return "is a pointer of Git LFS: 'git lfs pull' brings the model";
  if (bytes.starts_with("PK")) return "is a zip archive, perhaps a PyTorch model: export it to ONNX first";
  if (bytes.starts_with("\x7f"
                        "ELF"))
    return "is a library or a program";
  if (bytes.starts_with("\x89HDF")) return "is an HDF5 file, perhaps a Keras model: export it to ONNX first";
  if (bytes.size() > 8 && bytes.substr(4, 4) == "ORTM") return "is in ONNX Runtime's own format (.ort), not ONNX";
  if (bytes.size() > 8 && bytes.substr(4, 4) == "TFL3") return "is a TensorFlow Lite model";
  if (bytes.starts_with("<")) return "is a text in XML or HTML, perhaps of OpenVINO or of a failed download";
  if (bytes.starts_with("{")) return "is a JSON text";
  return nullptr;
}

Result<OnnxFile> OnnxReader::read() {
  file_.file_bytes = bytes_.size();
  if (const char* what = no_onnx(bytes_))
    return Error{Code::malformed, std::string("expected an ONNX model, found that it ") + what};
  model(walk(bytes_));
  if (error_) return *std::move(error_);
  if (!has_graph_)
    return Error{Code::malformed,
                 "has no graph: not an ONNX model, or cut off after " + std::to_string(bytes_.size()) + " bytes"};
  if (file_.ir_version == 0) return Error{Code::malformed, "says no IR version: not an ONNX model"};
  for (auto& [key, count] : operators_) file_.operators.push_back({key.first, key.second, count});
  for (auto& [path, file] : external_) file_.external.push_back(std::move(file));
  return std::move(file_);
}

void OnnxReader::model(ProtoWalk p) {
  while (!error_ && p.next()) {
    const ProtoField& f = p.field();
    switch (f.number) {
      case 1: file_.ir_version = p.integer(); break;
      case 2: file_.producer = text(p.message(), "the producer"); break;
      case 3: file_.producer_version = text(p.message(), "the producer's version"); break;
      case 4: file_.domain = text(p.message(), "the domain"); break;
      case 5: file_.model_version = p.integer(); break;
      case 7:
        if (std::exchange(has_graph_, true)) fail(f, "has a second graph");
        graph(walk(p.message().bytes), true);
        break;
      case 8:
        if (one_more(f)) file_.opsets.push_back(opset(walk(p.message().bytes)));
        break;
      case 14:
        if (one_more(f)) file_.metadata.push_back(entry(walk(p.message().bytes)));
        break;
      case 25: function(walk(p.message().bytes)); break;
      default: p.skip();
    }
  }
  fail(p);
}

void OnnxReader::graph(ProtoWalk p, bool main) {
  if (++depth_ > limits_.depth)
    error_ = Error{Code::limit, "graphs are nested deeper than " + std::to_string(limits_.depth)};
  while (!error_ && p.next()) {
    const ProtoField& f = p.field();
    switch (f.number) {
      case 1: node(walk(p.message().bytes)); break;
      case 2:
        if (main)
          file_.graph_name = text(p.message(), "the graph's name");
        else
          p.skip();
        break;
      case 5: tensor(walk(p.message().bytes), main ? Tensors::initialiser : Tensors::constant); break;
      case 11:
      case 12: {
        const OnnxValue value = value_info(walk(p.message().bytes));
        if (main && one_more(f)) (f.number == 11 ? file_.inputs : file_.outputs).push_back(value);
        break;
      }
      case 15: {  // sparse: its values and its indices are tensors
        ProtoWalk sparse = walk(p.message().bytes);
        while (!error_ && sparse.next())
          if (sparse.field().number == 1 || sparse.field().number == 2)
            tensor(walk(sparse.message().bytes), Tensors::constant);
          else
            sparse.skip();
        fail(sparse);
        break;
      }
      default: p.skip();
    }
  }
  fail(p);
  --depth_;
  if (!main || error_) return;
  std::vector<std::string_view> given;  // before IR 4 each initialiser was an input, too
  for (const OnnxInitialiser& i : file_.initialisers) given.push_back(i.name);
  std::sort(given.begin(), given.end());
  std::erase_if(file_.inputs, [&](const OnnxValue& v) {
    return std::binary_search(given.begin(), given.end(), std::string_view(v.name));
  });
}

void OnnxReader::function(ProtoWalk p) {
  OnnxFunction function;
  while (!error_ && p.next()) {
    const ProtoField& f = p.field();
    switch (f.number) {
      case 1: function.name = text(p.message(), "a function's name"); break;
      case 7: node(walk(p.message().bytes)); break;
      case 10: function.domain = onnx_domain(text(p.message(), "a function's domain")); break;
      default: p.skip();
    }
    if (!one_more(f)) break;
  }
  fail(p);
  file_.functions.push_back(std::move(function));
}

void OnnxReader::node(ProtoWalk p) {
  std::string domain, op;
  while (!error_ && p.next()) {
    const ProtoField& f = p.field();
    switch (f.number) {
      case 4: op = text(p.message(), "an operator's name"); break;
      case 5: attribute(walk(p.message().bytes)); break;
      case 7: domain = onnx_domain(text(p.message(), "an operator's domain")); break;
      default: p.skip();
    }
    if (!one_more(f)) break;
  }
  fail(p);
  ++file_.nodes;
  ++operators_[{std::move(domain), std::move(op)}];
}

void OnnxReader::attribute(ProtoWalk p) {
  while (!error_ && p.next()) {
    switch (p.field().number) {
      case 5:
      case 10: tensor(walk(p.message().bytes), Tensors::constant); break;
      case 6:
      case 11: graph(walk(p.message().bytes), false); break;
      default: p.skip();
    }
  }
  fail(p);
}

void OnnxReader::tensor(ProtoWalk p, Tensors role) {
  TensorRead t;
  ProtoField whole{.offset = p.offset()};
  bool is_raw = false, outside = false;
  std::uint64_t raw = 0;
  while (!error_ && p.next()) {
    const ProtoField& f = p.field();
    switch (f.number) {
      case 1:
        p.integers([&](std::int64_t d) {
          t.tensor.shape.push_back(d);
          return t.tensor.shape.size() <= most_dimensions;
        });
        break;
      case 2: t.tensor.type = static_cast<std::int32_t>(p.integer()); break;
      case 8: t.tensor.name = text(p.message(), "a tensor's name"); break;
      case 9: {
        whole = p.message();
        is_raw = true;
        raw = whole.bytes.size();
        break;
      }
      case 13: {
        const auto [key, value] = entry(walk(p.message().bytes));
        if (key == "location") t.location = value;
        const NumberText number = read_number(value);
        const bool whole_number = number.fits_int64 && number.length == value.size() && number.whole >= 0;
        if ((key == "offset" || key == "length") && !whole_number)
          fail(f, "expected a whole number as " + key + " of external data, found '" + printable(value) + "'");
        if (key == "offset") t.offset = static_cast<std::uint64_t>(number.whole);
        if (key == "length") t.length = static_cast<std::uint64_t>(number.whole);
        break;
      }
      case 14: outside = p.integer() == 1; break;
      default: p.skip();
    }
    if (!one_more(f)) break;
  }
  fail(p);
  if (error_) return;
  t.tensor.external = outside;
  t.tensor.bytes = tensor_bytes(t, whole);
  if (is_raw && !outside && onnx_type_bits(t.tensor.type) != 0 && raw != t.tensor.bytes)
    fail(whole, "tensor '" + printable(t.tensor.name) + "' has " + std::to_string(raw) +
                    " bytes where its shape needs " + std::to_string(t.tensor.bytes));
  if (outside) external(t, whole);
  if (error_) return;
  file_.weight_bytes += t.tensor.bytes;
  if (role == Tensors::initialiser) file_.initialisers.push_back(std::move(t.tensor));
}

std::uint64_t OnnxReader::tensor_bytes(const TensorRead& t, const ProtoField& field) {
  const std::string who = "tensor '" + printable(t.tensor.name) + "'";
  if (t.tensor.shape.size() > most_dimensions) fail(field, who + " has more than 4,096 dimensions", Code::limit);
  std::uint64_t elements = 1;
  for (const std::int64_t d : t.tensor.shape) {
    if (d < 0) fail(field, who + " has a dimension of " + std::to_string(d));
    if (d > 0 && elements > (std::uint64_t{1} << 48) / static_cast<std::uint64_t>(d))
      fail(field, who + " is larger than any machine", Code::limit);
    if (error_) return 0;
    elements *= static_cast<std::uint64_t>(d);
  }
  const std::uint64_t bits = elements * onnx_type_bits(t.tensor.type);
  return bits / 8 + (bits % 8 != 0);
}

void OnnxReader::external(const TensorRead& t, const ProtoField& at) {
  if (t.location.empty())
    return fail(at, "tensor '" + printable(t.tensor.name) + "' is in another file, but in none that is named");
  OnnxExternal& file = external_[t.location];
  file.path = t.location;
  ++file.tensors;
  const std::uint64_t size = t.length.value_or(t.tensor.bytes);
  if (t.length && onnx_type_bits(t.tensor.type) != 0 && *t.length < t.tensor.bytes)
    return fail(at, "tensor '" + printable(t.tensor.name) + "' has " + std::to_string(*t.length) + " bytes in '" +
                        printable(t.location) + "' where its shape needs " + std::to_string(t.tensor.bytes));
  const std::uint64_t end = size > ~t.offset ? ~std::uint64_t{0} : t.offset + size;
  file.end = std::max(file.end, end);
  if (const auto problem = path_problem(t.location)) file.problem = "is no path inside the model's folder: " + *problem;
}

OnnxValue OnnxReader::value_info(ProtoWalk p) {
  OnnxValue value;
  while (!error_ && p.next()) {
    switch (p.field().number) {
      case 1: value.name = text(p.message(), "a value's name"); break;
      case 2: type_of(walk(p.message().bytes), value); break;
      default: p.skip();
    }
  }
  fail(p);
  return value;
}

void OnnxReader::type_of(ProtoWalk p, OnnxValue& value) {
  while (!error_ && p.next()) {
    using Kind = OnnxValue::Kind;
    switch (p.field().number) {
      case 1:
      case 8: {
        value.kind = p.field().number == 1 ? Kind::tensor : Kind::sparse;
        ProtoWalk tensor = walk(p.message().bytes);
        while (!error_ && tensor.next()) {
          if (tensor.field().number == 1) {
            value.type = static_cast<std::int32_t>(tensor.integer());
          } else if (tensor.field().number == 2) {
            value.has_shape = true;
            shape_of(walk(tensor.message().bytes), value);
          } else {
            tensor.skip();
          }
        }
        fail(tensor);
        break;
      }
      case 4:
        value.kind = Kind::sequence;
        p.skip();
        break;
      case 5:
        value.kind = Kind::map;
        p.skip();
        break;
      case 7:
        value.kind = Kind::opaque;
        p.skip();
        break;
      case 9:
        value.kind = Kind::optional;
        p.skip();
        break;
      default: p.skip();
    }
  }
  fail(p);
}

void OnnxReader::shape_of(ProtoWalk p, OnnxValue& value) {
  while (!error_ && p.next()) {
    if (p.field().number != 1) {
      p.skip();
      continue;
    }
    ProtoWalk one = walk(p.message().bytes);
    OnnxDimension dimension;
    while (!error_ && one.next()) {
      if (one.field().number == 1)
        dimension.size = one.integer();
      else if (one.field().number == 2)
        dimension.name = text(one.message(), "a dimension's name");
      else
        one.skip();
    }
    fail(one);
    if (dimension.size < 0) dimension.size = -1;  // some exporters write -1 for what is open
    if (value.shape.size() >= most_dimensions)
      return fail(p.field(), "a shape has more than 4,096 dimensions", Code::limit);
    value.shape.push_back(std::move(dimension));
  }
  fail(p);
}

OnnxOpset OnnxReader::opset(ProtoWalk p) {
  OnnxOpset one;
  while (!error_ && p.next()) {
    switch (p.field().number) {
      case 1: one.domain = onnx_domain(text(p.message(), "an operator set's domain")); break;
      case 2: one.version = p.integer(); break;
      default: p.skip();
    }
  }
  fail(p);
  return one;
}

std::pair<std::string, std::string> OnnxReader::entry(ProtoWalk p) {
  std::pair<std::string, std::string> one;
  while (!error_ && p.next()) {
    const ProtoField& f = p.field();
    if (f.number != 1 && f.number != 2) {
      p.skip();
      continue;
    }
    const ProtoField field = p.message();
    if (field.bytes.size() > limits_.value_bytes)
      fail(field, "an entry of the metadata is longer than " + std::to_string(limits_.value_bytes) + " bytes",
           Code::limit);
    else
      (f.number == 1 ? one.first : one.second) = field.bytes;
  }
  fail(p);
  return one;
}

}  // namespace

std::int64_t OnnxFile::opset() const {
  for (const OnnxOpset& o : opsets)
    if (o.domain.empty()) return o.version;
  return 0;
}

std::string_view OnnxFile::meta(std::string_view key) const {
  for (const auto& [name, value] : metadata)
    if (name == key) return value;
  return {};
}

Result<OnnxFile> read_onnx(std::string_view bytes, const Limits& limits) { return OnnxReader(bytes, limits).read(); }

Result<OnnxFile> read_onnx(const Tree& tree, std::string_view path, const Limits& limits) {
  VETSET_TRY(const Bytes bytes, tree.read(path));
  auto read = read_onnx(bytes.text(), limits);
  if (!read) return std::move(read).error().in(path);
  for (OnnxExternal& file : read->external) {
    if (!file.problem.empty()) continue;
    const std::string beside = join_path(folder_of(path), file.path);
    const auto size = tree.size(beside);
    if (!size)
      file.problem = tree.contains(beside) ? "cannot be read: " + size.error().message : "is missing";
    else if (*size < file.end)
      file.problem = "has " + std::to_string(*size) + " bytes, and the model needs " + std::to_string(file.end);
  }
  return read;
}

Result<OnnxFile> read_onnx_file(const std::string& path, const Limits& limits) {
  VETSET_TRY(const auto tree, open_file(path));
  auto read = read_onnx(*tree, base_name(path), limits);
  if (!read) {
    Error error = std::move(read).error();
    error.file = path;
    return error;
  }
  return read;
}

}  // namespace vetset
