// The record of a parity: record.json, and values as NumPy's files.
#include <cstring>

#include "vetset/base/digest.h"
#include "vetset/base/json.h"
#include "vetset/infer/parity.h"

namespace vetset {
namespace {

void read_floats(JsonCursor& c, std::vector<float>& out) {
  for (c.enter_array(); c.next_element();) out.push_back(static_cast<float>(c.read_number().value));
}

RecordedTensor read_tensor(JsonCursor& c) {
  RecordedTensor t;
  for (c.enter_object(); c.next_member();) {
    if (c.key() == "name") {
      t.name = c.read_string();
    } else if (c.key() == "sha256") {
      t.sha256 = c.read_string();
    } else if (c.key() == "type") {
      t.type = element_type_of(c.read_string());
      if (bytes_of(t.type) == 0) c.fail("expected an element type, as \"float32\"");
    } else if (c.key() == "shape") {
      for (c.enter_array(); c.next_element();) t.shape.push_back(c.read_number().whole);
      if (elements_of(t.shape) < 0) c.fail("expected lengths of 0 and more");
    } else if (c.key() == "file") {
      t.file = c.read_string();
    } else {
      c.skip();
    }
  }
  if (t.sha256.empty() || t.type == ElementType::undefined) c.fail("expected type, shape and sha256 of a stage");
  return t;
}

RecordedObject read_object(JsonCursor& c) {
  RecordedObject o;
  for (c.enter_object(); c.next_member();) {
    if (c.key() == "label") {
      if (c.type() == JsonType::string)
        o.name = c.read_string();
      else
        o.label = c.read_number().whole;
    } else if (c.key() == "score") {
      o.score = static_cast<float>(c.read_number().value);
    } else if (c.key() == "box") {
      std::vector<float> box;
      read_floats(c, box);
      if (box.size() == 4)
        std::copy(box.begin(), box.end(), o.box.begin());
      else
        c.fail("expected four numbers of a box");
    } else if (c.key() == "angle") {
      o.angle = static_cast<float>(c.read_number().value);
    } else if (c.key() == "keypoints") {
      read_floats(c, o.keypoints);
    } else if (c.key() == "mask") {
      o.mask = std::string(c.read_string());
    } else {
      c.skip();
    }
  }
  return o;
}

RecordedImage read_image(JsonCursor& c) {
  RecordedImage i;
  for (c.enter_object(); c.next_member();) {
    if (c.key() == "name") {
      i.name = c.read_string();
    } else if (c.key() == "file") {
      i.file = c.read_string();
    } else if (c.key() == "sha256") {
      i.sha256 = c.read_string();
    } else if (c.key() == "refused") {
      i.refused = std::string(c.read_string());
    } else if (c.key() == "pixels") {
      i.pixels = read_tensor(c);
    } else if (c.key() == "resized") {
      i.resized = read_tensor(c);
    } else if (c.key() == "input") {
      i.input = read_tensor(c);
    } else if (c.key() == "outputs") {
      for (c.enter_array(); c.next_element();) i.outputs.push_back(read_tensor(c));
    } else if (c.key() == "objects") {
      i.answered = true;
      for (c.enter_array(); c.next_element();) i.objects.push_back(read_object(c));
    } else if (c.key() == "embedding") {
      i.answered = true;
      read_floats(c, i.embedding);
    } else {
      c.skip();
    }
  }
  if (i.file.empty()) c.fail("expected the file of an image");
  if (i.name.empty()) i.name = i.file;
  return i;
}

}  // namespace

Result<ParityRecord> read_parity_record(const Tree& tree) {
  constexpr std::string_view file = "record.json";
  if (!tree.contains(file))
    return Error{Code::not_found, "has no record.json; expected a folder that vetset.parity.record wrote",
                 std::string(tree.name())};
  VETSET_TRY(const Bytes bytes, tree.read(file));
  ParityRecord record;
  std::string type;
  std::int64_t version = 0;
  JsonCursor c(bytes.text());
  for (c.enter_object(); c.next_member();) {
    if (c.key() == "type") {
      type = c.read_string();
    } else if (c.key() == "version") {
      version = c.read_number().whole;
    } else if (c.key() == "made_with") {
      for (c.enter_object(); c.next_member();) {
        std::string name(c.key());
        record.made_with.emplace_back(std::move(name), std::string(c.read_string()));
      }
    } else if (c.key() == "images") {
      for (c.enter_array(); c.next_element();) record.images.push_back(read_image(c));
    } else {
      c.skip();
    }
  }
  if (c.failed() || !c.at_end())
    return Error{Code::malformed, c.failed() ? c.error_text() : "text behind the record", std::string(file)};
  if (type != "vetset/parity-record" || version != 1)
    return Error{Code::unsupported, "is no record of a parity that this program knows; expected vetset/parity-record 1",
                 std::string(file)};
  if (record.images.empty()) return Error{Code::malformed, "has no images", std::string(file)};
  return record;
}

Result<Tensor> read_recorded(const Tree& tree, const RecordedTensor& recorded) {
  VETSET_TRY(const Bytes bytes, tree.read(recorded.file));
  const std::string_view text = bytes.text();
  // The values are the end of the file, behind a header that a digest over form and values makes redundant. What the
  // record claims is held to the file before memory is taken for it.
  const std::int64_t elements = elements_of(recorded.shape);
  constexpr std::size_t least_header = 10;
  const std::size_t width = bytes_of(recorded.type);
  if (!text.starts_with(std::string_view("\x93NUMPY", 6)) || text.size() < least_header || elements < 0 ||
      static_cast<std::uint64_t>(elements) > (text.size() - least_header) / width)
    return Error{
        Code::malformed,
        "expected an array of " + to_string(recorded.type) + " " + shape_text(recorded.shape) + " as NumPy writes it",
        recorded.file};
  Tensor t = Tensor::zeros(recorded.type, recorded.shape);
  const std::size_t size = t.bytes().size();
  if (size) std::memcpy(t.bytes().data(), text.data() + text.size() - size, size);
  if (tensor_digest(t) != recorded.sha256)
    return Error{Code::untrusted, "does not hold the values whose digest is in record.json", recorded.file};
  return t;
}

std::string tensor_digest(const Tensor& tensor) {
  Sha256 hash;
  hash.add(to_string(tensor.type()) + " " + shape_text(tensor.shape()) + "\n");
  hash.add({reinterpret_cast<const char*>(tensor.bytes().data()), tensor.bytes().size()});
  return hash.finish().hex();
}

Tensor tensor_of(const Raster& raster) {
  const bool grey = raster.channels == 1;
  Tensor t =
      Tensor::zeros(ElementType::uint8, grey ? std::vector<std::int64_t>{raster.height, raster.width}
                                             : std::vector<std::int64_t>{raster.height, raster.width, raster.channels});
  if (!raster.samples.empty()) std::memcpy(t.bytes().data(), raster.samples.data(), raster.samples.size());
  return t;
}

std::string_view name(ParityStage stage) {
  constexpr std::array<std::string_view, parity_stages> names{"pixels", "resized", "input", "outputs", "answers"};
  return names[static_cast<std::size_t>(stage)];
}

}  // namespace vetset
