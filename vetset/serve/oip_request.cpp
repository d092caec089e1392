// Requests of the Open Inference Protocol: hostile until proved otherwise. Every length is checked before it is used.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/base/unicode.h"
#include "vetset/serve/oip.h"

namespace vetset {
namespace {

constexpr std::uint32_t most_depth = 12;

struct TypeName {
  ElementType type;
  std::string_view name;
};
constexpr std::array<TypeName, 13> type_names{{{ElementType::boolean, "BOOL"},
                                               {ElementType::uint8, "UINT8"},
                                               {ElementType::uint16, "UINT16"},
                                               {ElementType::uint32, "UINT32"},
                                               {ElementType::uint64, "UINT64"},
                                               {ElementType::int8, "INT8"},
                                               {ElementType::int16, "INT16"},
                                               {ElementType::int32, "INT32"},
                                               {ElementType::int64, "INT64"},
                                               {ElementType::float16, "FP16"},
                                               {ElementType::float32, "FP32"},
                                               {ElementType::float64, "FP64"},
                                               {ElementType::string, "BYTES"}}};

Error bad(std::string message) { return Error{Code::malformed, std::move(message)}; }

/// An input as its object says it; the values are read when all of it is known.
struct Raw {
  std::string name, datatype;
  std::vector<std::int64_t> shape;
  std::string_view data;  // JSON
  std::optional<std::uint64_t> binary_size;
  bool has_shape = false;
};

std::string called(const Raw& raw) { return "input '" + raw.name.substr(0, 80) + "'"; }

Result<std::uint64_t> whole(JsonCursor& c, std::string_view what) {
  if (c.type() == JsonType::number) {
    const NumberText n = c.read_number();
    if (n.fits_int64 && n.whole >= 0) return static_cast<std::uint64_t>(n.whole);
  }
  return bad(std::string(what) + " is no whole number from 0 on");
}

/// One number or truth value at the beginning of `text`, which is JSON. Gives its length; 0: `wrong` says why not.
template <class T>
std::size_t read_value(std::string_view text, T& out, const char*& wrong) {
  if constexpr (std::is_same_v<T, bool>) {
    out = text.starts_with("true");
    wrong = "has a value that is neither true nor false";
    return out ? 4 : text.starts_with("false") ? 5 : 0;
  } else if constexpr (std::is_floating_point_v<T>) {
    // As Python reads it: to a double, and then to the type that was asked for.
    double value = 0;
    auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    std::size_t length = static_cast<std::size_t>(read.ptr - text.data());
    if (text[0] != '-' && (text[0] < '0' || text[0] > '9')) length = 0;  // from_chars knows more words than JSON
    if (length > 0 && read.ec == std::errc::result_out_of_range) value = read_number(text).value;
    out = static_cast<T>(value);
    const bool number = length > 0 || text[0] == 'N' || text[0] == 'I';
    wrong = number ? "has a value beyond its type" : "has a value that is no number";
    return std::isfinite(out) ? length : 0;
  } else {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
    const std::size_t length = static_cast<std::size_t>(read.ptr - text.data());
    const char next = length < text.size() ? text[length] : ',';
    const bool digits = text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
    wrong = digits ? "has a value that is no integer of its type" : "has a value that is no number";
    return read.ec == std::errc() && next != '.' && next != 'e' && next != 'E' ? length : 0;
  }
}

/// Values of a flat or nested list, row after row. The list was walked as JSON before: what stands between two values
/// needs no second look.
template <class T>
Result<void> read_values(std::string_view json, std::span<T> out, const std::string& name) {
  if (!json.starts_with('[')) return bad(name + " has data that is no list");
  std::size_t n = 0;
  for (std::size_t at = 1; at < json.size();) {
    const char c = json[at];
    if (c == ',' || c == ' ' || c == '[' || c == ']' || c == '\n' || c == '\t' || c == '\r') {
      ++at;
      continue;
    }
    if (n == out.size()) return bad(name + " has more values than its shape");
    const char* wrong = nullptr;
    const std::size_t length = read_value(json.substr(at), out[n], wrong);
    if (length == 0) return bad(name + " " + wrong);
    ++n;
    at += length;
  }
  if (n != out.size())
    return bad(name + " has " + std::to_string(n) + " values; its shape asks for " + std::to_string(out.size()));
  return {};
}

Result<void> read_texts(std::string_view json, std::vector<std::string>& out, std::size_t count,
                        const std::string& name) {
  JsonCursor c(json, most_depth);
  if (c.type() != JsonType::array) return bad(name + " has data that is no list");
  std::uint32_t depth = 1;
  for (c.enter_array(); depth > 0 && !c.failed();) {
    if (!c.next_element()) {
      --depth;
    } else if (c.type() == JsonType::array) {
      c.enter_array();
      ++depth;
    } else if (c.type() != JsonType::string || out.size() == count) {
      return bad(name + (out.size() == count ? " has more values than its shape" : " has a value that is no text"));
    } else {
      out.emplace_back(c.read_string());
    }
  }
  if (c.failed()) return bad(name + " has data that is no JSON: " + c.error_text());
  if (out.size() != count)
    return bad(name + " has " + std::to_string(out.size()) + " values; its shape asks for " + std::to_string(count));
  return {};
}

/// Texts, each behind its length in four bytes, least first.
Result<void> split_texts(std::string_view bytes, std::vector<std::string>& out, std::size_t count,
                         const std::string& name) {
  while (!bytes.empty()) {
    if (bytes.size() < 4) return bad(name + " ends inside the length of a text");
    std::uint32_t size = 0;
    for (unsigned k = 0; k < 4; ++k) size |= std::uint32_t{static_cast<unsigned char>(bytes[k])} << (8 * k);
    bytes.remove_prefix(4);
    if (size > bytes.size())
      return bad(name + " has a text of " + std::to_string(size) + " bytes where " + std::to_string(bytes.size()) +
                 " are left");
    if (out.size() == count) return bad(name + " has more values than its shape");
    out.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  if (out.size() != count)
    return bad(name + " has " + std::to_string(out.size()) + " values; its shape asks for " + std::to_string(count));
  return {};
}

Result<Raw> read_input(JsonCursor& c) {
  Raw raw;
  const JsonType type = c.type();
  if (c.failed()) return bad("the request is no JSON: " + c.error_text());
  if (type != JsonType::object) return bad("an input is no object");
  for (c.enter_object(); c.next_member();) {
    if (c.key() == "name" && c.type() == JsonType::string) {
      raw.name = c.read_string();
    } else if (c.key() == "datatype" && c.type() == JsonType::string) {
      raw.datatype = c.read_string();
    } else if (c.key() == "shape" && c.type() == JsonType::array) {
      raw.has_shape = true;
      for (c.enter_array(); c.next_element();) {
        VETSET_TRY(const std::uint64_t length, whole(c, "a length of a shape"));
        if (raw.shape.size() == 16 || length > (1ULL << 40)) return bad("a shape is out of reach");
        raw.shape.push_back(static_cast<std::int64_t>(length));
      }
    } else if (c.key() == "data") {
      raw.data = c.skip();
    } else if (c.key() == "parameters" && c.type() == JsonType::object) {
      for (c.enter_object(); c.next_member();) {
        if (c.key() == "binary_data_size") {
          VETSET_TRY(raw.binary_size, whole(c, "binary_data_size"));
        } else {
          c.skip();
        }
      }
    } else {
      c.skip();
    }
  }
  if (c.failed()) return bad("the request is no JSON: " + c.error_text());
  if (raw.name.empty() || invalid_utf8(raw.name)) return bad("an input has no name");
  if (raw.datatype.empty()) return bad(called(raw) + " has no datatype");
  if (!raw.has_shape) return bad(called(raw) + " has no shape");
  if (raw.data.empty() == !raw.binary_size)
    return bad(called(raw) + (raw.binary_size ? " has data and binary data" : " has no data"));
  return raw;
}

Result<void> read_outputs(JsonCursor& c, OipRequest& request, std::uint32_t most) {
  for (c.enter_array(); c.next_element();) {
    OipWanted wanted{.name = {}, .binary = request.binary_outputs};
    if (c.type() != JsonType::object) return bad("an output is no object");
    for (c.enter_object(); c.next_member();) {
      if (c.key() == "name" && c.type() == JsonType::string) {
        wanted.name = c.read_string();
      } else if (c.key() == "parameters" && c.type() == JsonType::object) {
        for (c.enter_object(); c.next_member();) {
          if (c.key() == "binary_data" && c.type() == JsonType::boolean)
            wanted.binary = c.read_bool();
          else if (c.key() == "classification")
            return bad("the extension classification is not offered; ask for the output itself");
          else if (c.key() == "shared_memory_region")
            return bad("shared memory is not offered");
          else
            c.skip();
        }
      } else {
        c.skip();
      }
    }
    if (wanted.name.empty()) return bad("an output has no name");
    if (std::any_of(request.outputs.begin(), request.outputs.end(),
                    [&](const OipWanted& w) { return w.name == wanted.name; }))
      return bad("output '" + wanted.name.substr(0, 80) + "' is asked for twice");
    if (request.outputs.size() == most) return bad("more than " + std::to_string(most) + " outputs");
    request.outputs.push_back(std::move(wanted));
  }
  return {};
}

Result<OipInput> input_of(const Raw& raw, std::string_view& binary, const OipLimits& limits) {
  OipInput input{.name = raw.name, .type = oip_type(raw.datatype), .shape = raw.shape};
  const std::string name = called(raw);
  if (input.type == ElementType::undefined)
    return bad(name + " has the datatype '" + raw.datatype.substr(0, 20) + "', which is none");
  const std::int64_t elements = elements_of(raw.shape);
  if (elements < 0 || static_cast<std::uint64_t>(elements) > limits.elements)
    return Error{Code::limit, name + " has the shape " + shape_text(raw.shape) + "; at most " +
                                  std::to_string(limits.elements) + " values are taken"};
  const auto count = static_cast<std::size_t>(elements);
  if (raw.binary_size) {
    if (*raw.binary_size > binary.size())
      return bad(name + " says " + std::to_string(*raw.binary_size) + " bytes; " + std::to_string(binary.size()) +
                 " are left in the body");
    const std::string_view bytes = binary.substr(0, static_cast<std::size_t>(*raw.binary_size));
    binary.remove_prefix(bytes.size());
    if (input.type == ElementType::string) {
      VETSET_DO(split_texts(bytes, input.texts, count, name));
      return input;
    }
    const std::size_t expected = count * bytes_of(input.type);
    if (bytes.size() != expected)
      return bad(name + " says " + std::to_string(bytes.size()) + " bytes; its shape and datatype make " +
                 std::to_string(expected));
    input.tensor = Tensor::zeros(input.type, raw.shape);
    if (input.type == ElementType::boolean && std::any_of(bytes.begin(), bytes.end(), [](char c) { return c & ~1; }))
      return bad(name + " is BOOL and has a byte that is neither 0 nor 1");
    if (!bytes.empty()) std::memcpy(input.tensor.bytes().data(), bytes.data(), bytes.size());
    return input;
  }
  // A value is at least two bytes of JSON with its comma: what cannot be there needs no memory.
  if (count > raw.data.size())
    return bad(name + " has fewer values than its shape " + shape_text(raw.shape) + " asks for");
  if (input.type == ElementType::string) {
    VETSET_DO(read_texts(raw.data, input.texts, count, name));
    return input;
  }
  if (input.type == ElementType::float16) return bad(name + " is FP16, which only binary data can hold");
  input.tensor = Tensor::zeros(input.type, raw.shape);
  switch (input.type) {
    case ElementType::boolean: VETSET_DO(read_values(raw.data, input.tensor.values<bool>(), name)); break;
    case ElementType::uint8: VETSET_DO(read_values(raw.data, input.tensor.values<std::uint8_t>(), name)); break;
    case ElementType::uint16: VETSET_DO(read_values(raw.data, input.tensor.values<std::uint16_t>(), name)); break;
    case ElementType::uint32: VETSET_DO(read_values(raw.data, input.tensor.values<std::uint32_t>(), name)); break;
    case ElementType::uint64: VETSET_DO(read_values(raw.data, input.tensor.values<std::uint64_t>(), name)); break;
    case ElementType::int8: VETSET_DO(read_values(raw.data, input.tensor.values<std::int8_t>(), name)); break;
    case ElementType::int16: VETSET_DO(read_values(raw.data, input.tensor.values<std::int16_t>(), name)); break;
    case ElementType::int32: VETSET_DO(read_values(raw.data, input.tensor.values<std::int32_t>(), name)); break;
    case ElementType::int64: VETSET_DO(read_values(raw.data, input.tensor.values<std::int64_t>(), name)); break;
    case ElementType::float32: VETSET_DO(read_values(raw.data, input.tensor.values<float>(), name)); break;
    case ElementType::float64: VETSET_DO(read_values(raw.data, input.tensor.values<double>(), name)); break;
    default: return bad(name + " has a datatype that JSON cannot hold");
  }
  return input;
}

}  // namespace

std::string_view oip_name(ElementType type) {
  for (const TypeName& t : type_names)
    if (t.type == type) return t.name;
  return {};
}

ElementType oip_type(std::string_view name) {
  for (const TypeName& t : type_names)
    if (t.name == name) return t.type;
  return ElementType::undefined;
}

Result<OipRequest> parse_oip_request(std::string_view body, std::optional<std::uint64_t> json_bytes,
                                     const OipLimits& limits) {
  if (body.size() > limits.body)
    return Error{Code::limit, "a body of " + std::to_string(body.size()) + " bytes; at most " +
                                  std::to_string(limits.body) + " are taken"};
  OipRequest request;
  if (json_bytes && *json_bytes == 0) {  // the body is the one input
    request.binary_outputs = true;
    OipInput input{.type = ElementType::uint8, .shape = {static_cast<std::int64_t>(body.size())}};
    input.tensor = Tensor::zeros(ElementType::uint8, input.shape);
    if (!body.empty()) std::memcpy(input.tensor.bytes().data(), body.data(), body.size());
    request.inputs.push_back(std::move(input));
    return request;
  }
  if (json_bytes && *json_bytes > body.size())
    return bad("Inference-Header-Content-Length is " + std::to_string(*json_bytes) + "; the body has " +
               std::to_string(body.size()) + " bytes");
  if (json_bytes && *json_bytes > limits.json)
    return Error{Code::limit, "JSON of " + std::to_string(*json_bytes) + " bytes before binary data; at most " +
                                  std::to_string(limits.json) + " are taken"};
  const std::string_view json = body.substr(0, static_cast<std::size_t>(json_bytes.value_or(body.size())));
  std::string_view binary = body.substr(json.size());

  std::vector<Raw> inputs;
  std::string_view outputs;
  bool has_inputs = false;
  JsonCursor c(json, most_depth);
  if (c.type() != JsonType::object) return bad("the request is no JSON object");
  for (c.enter_object(); c.next_member();) {
    if (c.key() == "id" && c.type() == JsonType::string) {
      request.id = c.read_string();
      if (request.id.size() > 1024 || invalid_utf8(request.id)) return bad("the id is no text of at most 1,024 bytes");
    } else if (c.key() == "parameters" && c.type() == JsonType::object) {
      for (c.enter_object(); c.next_member();) {
        if (c.key() == "binary_data_output" && c.type() == JsonType::boolean) {
          request.binary_outputs = c.read_bool();
        } else if (c.key() == "timeout") {
          VETSET_TRY(request.timeout_us, whole(c, "the parameter timeout"));
        } else {
          c.skip();
        }
      }
    } else if (c.key() == "inputs" && c.type() == JsonType::array) {
      if (std::exchange(has_inputs, true)) return bad("inputs are said twice");
      for (c.enter_array(); c.next_element();) {
        if (inputs.size() == limits.inputs) return bad("more than " + std::to_string(limits.inputs) + " inputs");
        VETSET_TRY(Raw raw, read_input(c));
        inputs.push_back(std::move(raw));
      }
    } else if (c.key() == "outputs" && c.type() == JsonType::array) {
      outputs = c.skip();
    } else {
      c.skip();
    }
  }
  if (c.failed() || !c.at_end())
    return bad("the request is no JSON: " + (c.failed() ? c.error_text() : std::string("text behind the object")));
  if (!has_inputs) return bad("the request has no inputs");
  if (!outputs.empty()) {
    JsonCursor list(outputs, most_depth);
    VETSET_DO(read_outputs(list, request, limits.inputs));
  }
  for (const Raw& raw : inputs) {
    if (std::count_if(inputs.begin(), inputs.end(), [&](const Raw& other) { return other.name == raw.name; }) > 1)
      return bad(called(raw) + " is given twice");
    VETSET_TRY(OipInput input, input_of(raw, binary, limits));
    request.inputs.push_back(std::move(input));
  }
  if (!binary.empty()) return bad(std::to_string(binary.size()) + " bytes of the body belong to no input");
  return request;
}

Result<std::vector<Tensor>> oip_inputs(OipRequest& request, std::span<const TensorInfo> inputs) {
  const bool raw = request.inputs.size() == 1 && request.inputs[0].name.empty();
  if (raw && inputs.size() == 1) {  // its type and its one free length follow from the model
    OipInput& input = request.inputs[0];
    const TensorInfo& info = inputs[0];
    const std::size_t width = bytes_of(info.type), bytes = input.tensor.bytes().size();
    std::int64_t fixed = 1;
    std::size_t open = 0;
    for (const std::int64_t length : info.shape) length < 0 ? void(++open) : void(fixed *= length);
    if (width == 0 || !info.has_shape || open > 1 || fixed <= 0 ||
        bytes % (width * static_cast<std::size_t>(fixed)) != 0)
      return bad("a body without JSON cannot be the input " + info.name + ", which is " + to_string(info));
    input.name = info.name;
    input.type = info.type;
    input.shape = info.shape;
    const auto rest = static_cast<std::int64_t>(bytes / width) / fixed;
    for (std::int64_t& length : input.shape)
      if (length < 0) length = rest;
    Tensor typed = Tensor::zeros(info.type, input.shape);
    if (typed.bytes().size() != bytes)
      return bad("a body of " + std::to_string(bytes) + " bytes is not " + to_string(info));
    if (bytes) std::memcpy(typed.bytes().data(), input.tensor.bytes().data(), bytes);
    input.tensor = std::move(typed);
  }
  std::vector<Tensor> ordered;
  for (const TensorInfo& info : inputs) {
    const auto at = std::find_if(request.inputs.begin(), request.inputs.end(),
                                 [&](const OipInput& input) { return input.name == info.name; });
    if (at == request.inputs.end()) return bad("the input '" + info.name + "' is missing: " + to_string(info));
    if (at->type != info.type)
      return bad("input '" + info.name + "' is " + std::string(oip_name(at->type)) + "; the model takes " +
                 std::string(oip_name(info.type)));
    bool fits = !info.has_shape || at->shape.size() == info.shape.size();
    for (std::size_t k = 0; fits && info.has_shape && k < info.shape.size(); ++k)
      fits = info.shape[k] < 0 || info.shape[k] == at->shape[k];
    if (!fits)
      return bad("input '" + info.name + "' has the shape " + shape_text(at->shape) + "; the model takes " +
                 to_string(info));
    ordered.push_back(std::move(at->tensor));
  }
  if (request.inputs.size() > inputs.size())
    for (const OipInput& input : request.inputs)
      if (std::none_of(inputs.begin(), inputs.end(), [&](const TensorInfo& i) { return i.name == input.name; }))
        return bad("the model has no input '" + input.name.substr(0, 80) + "'");
  return ordered;
}

}  // namespace vetset
