// The Open Inference Protocol without a socket: what is refused and with which words, and the way there and back.
#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "vetset/base/json.h"
#include "vetset/serve/http_answer.h"
#include "vetset/serve/http_route.h"
#include "vetset/serve/oip.h"

using namespace vetset;

namespace {

std::string why(std::string_view body, std::optional<std::uint64_t> json_bytes = {}, const OipLimits& limits = {}) {
  const Result<OipRequest> read = parse_oip_request(body, json_bytes, limits);
  return read ? "" : read.error().message;
}

/// The one input of a request.
std::string input(std::string_view inside) { return "{\"inputs\":[{\"name\":\"x\"," + std::string(inside) + "}]}"; }

template <class T>
std::vector<T> values(const std::string& body) {
  Result<OipRequest> read = parse_oip_request(body, {}, {});
  REQUIRE(read);
  REQUIRE(read->inputs.size() == 1);
  const auto held = read->inputs[0].tensor.values<T>();
  return {held.begin(), held.end()};
}

/// A request whose bytes follow its JSON.
Result<OipRequest> binary(std::string_view json, std::string_view bytes) {
  return parse_oip_request(std::string(json) + std::string(bytes), json.size(), {});
}

std::string why_not(const Result<OipRequest>& read) { return read ? "" : read.error().message; }

bool is_json(std::string_view text) {
  JsonCursor c(text);
  c.skip();
  return !c.failed() && c.at_end();
}

const TensorInfo floats{.name = "x", .type = ElementType::float32, .shape = {-1, 2}};

}  // namespace

TEST_CASE("values in JSON are read flat or nested, to their type's last digit") {
  const std::string nested = input(R"("shape":[2,2],"datatype":"FP32","data":[[0.1,-2],[3e2,4]])");
  const std::string flat = input(R"("shape":[2,2],"datatype":"FP32","data":[0.1,-2,3e2,4])");
  CHECK(values<float>(nested) == std::vector<float>{0.1F, -2, 300, 4});
  CHECK(values<float>(flat) == values<float>(nested));
  CHECK(values<double>(input(R"("shape":[1],"datatype":"FP64","data":[0.30000000000000004])"))[0] ==
        0.30000000000000004);
  CHECK(values<std::int64_t>(
            input(R"("shape":[2],"datatype":"INT64","data":[-9223372036854775808,9223372036854775807])")) ==
        std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()});
  CHECK(values<std::uint64_t>(input(R"("shape":[1],"datatype":"UINT64","data":[18446744073709551615])"))[0] ==
        std::numeric_limits<std::uint64_t>::max());
  CHECK(values<bool>(input(R"("shape":[2],"datatype":"BOOL","data":[true,false])")) == std::vector<bool>{true, false});
  CHECK(values<std::int8_t>(input(R"("shape":[1],"datatype":"INT8","data":[-128])"))[0] == -128);
  CHECK(values<std::uint8_t>(input(R"("shape":[3,0],"datatype":"UINT8","data":[])")).empty());
}

TEST_CASE("a value that its type cannot hold is refused, not bent") {
  const auto of = [](std::string_view type, std::string_view data) {
    return why(input("\"shape\":[1],\"datatype\":\"" + std::string(type) + "\",\"data\":[" + std::string(data) + "]"));
  };
  CHECK(of("UINT8", "256") == "input 'x' has a value that is no integer of its type");
  CHECK(of("UINT8", "-1") == "input 'x' has a value that is no integer of its type");
  CHECK(of("INT32", "1.5") == "input 'x' has a value that is no integer of its type");
  CHECK(of("INT64", "9223372036854775808") == "input 'x' has a value that is no integer of its type");
  CHECK(of("FP32", "1e39") == "input 'x' has a value beyond its type");
  CHECK(of("FP64", "1e999") == "input 'x' has a value beyond its type");
  CHECK(of("FP32", "NaN") == "input 'x' has a value beyond its type");
  CHECK(of("FP32", "-Infinity") == "input 'x' has a value beyond its type");
  CHECK(of("FP32", "\"1\"") == "input 'x' has a value that is no number");
  CHECK(of("FP32", "true") == "input 'x' has a value that is no number");
  CHECK(of("FP32", "null") == "input 'x' has a value that is no number");
  CHECK(of("BOOL", "1") == "input 'x' has a value that is neither true nor false");
  CHECK(of("BYTES", "1") == "input 'x' has a value that is no text");
  CHECK(of("FP16", "1") == "input 'x' is FP16, which only binary data can hold");
  CHECK(of("BF16", "1") == "input 'x' has the datatype 'BF16', which is none");
  CHECK(of("fp32", "1") == "input 'x' has the datatype 'fp32', which is none");
}

TEST_CASE("data and shape must agree, and a shape is not believed before memory is taken") {
  const auto shaped = [](std::string_view shape, std::string_view data) {
    return why(input("\"datatype\":\"FP32\",\"shape\":" + std::string(shape) + ",\"data\":" + std::string(data)));
  };
  CHECK(shaped("[3]", "[1,2]") == "input 'x' has 2 values; its shape asks for 3");
  CHECK(shaped("[1]", "[1,2]") == "input 'x' has more values than its shape");
  CHECK(shaped("[1]", "1") == "input 'x' has data that is no list");
  CHECK(shaped("[100000]", "[1]") == "input 'x' has fewer values than its shape 100000 asks for");
  CHECK(shaped("[1099511627776,1099511627776]", "[1]").find("values are taken") != std::string::npos);
  CHECK(shaped("[1099511627777]", "[1]") == "a shape is out of reach");
  CHECK(shaped("[-1]", "[1]") == "a length of a shape is no whole number from 0 on");
  CHECK(shaped("[1.5]", "[1]") == "a length of a shape is no whole number from 0 on");
  CHECK(shaped("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[1]") == "a shape is out of reach");
  CHECK(shaped("[268435457]", "[1]").starts_with("input 'x' has the shape 268435457; at most 268435456"));
  CHECK(shaped("[1]", "[[[[[[[[[[[[[[1]]]]]]]]]]]]]]") != "");
}

TEST_CASE("requests that are not whole say what is missing") {
  CHECK(why("") != "");
  CHECK(why("[]") == "the request is no JSON object");
  CHECK(why("{}") == "the request has no inputs");
  CHECK(why("{\"inputs\":[]} x") == "the request is no JSON: text behind the object");
  CHECK(why("{\"inputs\":[}").starts_with("the request is no JSON: "));
  CHECK(why("{\"inputs\":[],\"inputs\":[]}") == "inputs are said twice");
  CHECK(why("{\"inputs\":[1]}") == "an input is no object");
  CHECK(why("{\"inputs\":[{}]}") == "an input has no name");
  CHECK(why("{\"inputs\":[{\"name\":\"\xff\"}]}") == "an input has no name");
  CHECK(why(input("\"shape\":[1],\"data\":[1]")) == "input 'x' has no datatype");
  CHECK(why(input("\"datatype\":\"FP32\",\"data\":[1]")) == "input 'x' has no shape");
  CHECK(why(input("\"datatype\":\"FP32\",\"shape\":[1]")) == "input 'x' has no data");
  CHECK(why(input(R"("datatype":"FP32","shape":[1],"data":[1],"parameters":{"binary_data_size":4})")) ==
        "input 'x' has data and binary data");
  const std::string one = R"({"name":"x","datatype":"FP32","shape":[1],"data":[1]})";
  CHECK(why("{\"inputs\":[" + one + "," + one + "]}") == "input 'x' is given twice");
  CHECK(why("{\"inputs\":[" + one + "]}", {}, {.inputs = 0}) == "more than 0 inputs");
  CHECK(why("{\"id\":\"\xff\",\"inputs\":[" + one + "]}") == "the id is no text of at most 1,024 bytes");
  CHECK(why("{\"parameters\":{\"timeout\":-1},\"inputs\":[" + one + "]}") ==
        "the parameter timeout is no whole number from 0 on");
  const auto output = [&](const std::string& list) {
    return why("{\"inputs\":[" + one + "],\"outputs\":[" + list + "]}");
  };
  CHECK(output("1") == "an output is no object");
  CHECK(output("{}") == "an output has no name");
  CHECK(output(R"({"name":"y"},{"name":"y"})") == "output 'y' is asked for twice");
  CHECK(output(R"({"name":"y","parameters":{"classification":3}})").starts_with("the extension classification"));
  CHECK(output(R"({"name":"y","parameters":{"shared_memory_region":"a"}})") == "shared memory is not offered");
  CHECK(why("{\"inputs\":[]}", {}, {.body = 5}) == "a body of 13 bytes; at most 5 are taken");
  CHECK(why("{\"inputs\":[]}", 14) == "Inference-Header-Content-Length is 14; the body has 13 bytes");
  CHECK(why("{\"inputs\":[]}", 13, {.json = 5}) == "JSON of 13 bytes before binary data; at most 5 are taken");
}

TEST_CASE("bytes behind the JSON are cut as it says, to the last one") {
  const auto json = [](std::string_view type, std::size_t size) {
    return input("\"shape\":[2],\"datatype\":\"" + std::string(type) +
                 "\",\"parameters\":{\"binary_data_size\":" + std::to_string(size) + "}");
  };
  const float two[] = {1.5F, std::numeric_limits<float>::quiet_NaN()};
  const std::string bytes(reinterpret_cast<const char*>(two), 8);
  Result<OipRequest> read = binary(json("FP32", 8), bytes);
  REQUIRE(read);
  CHECK(std::memcmp(read->inputs[0].tensor.bytes().data(), two, 8) == 0);  // NaN, too, as it came
  CHECK(why_not(binary(json("FP32", 8), bytes.substr(1))) == "input 'x' says 8 bytes; 7 are left in the body");
  CHECK(why_not(binary(json("FP32", 8), bytes + "z")) == "1 bytes of the body belong to no input");
  CHECK(why_not(binary(json("FP32", 7), bytes)) == "input 'x' says 7 bytes; its shape and datatype make 8");
  CHECK(why_not(binary(json("FP16", 4), "abcd")).empty());
  CHECK(why_not(binary(json("BOOL", 2), std::string("\1\0", 2))).empty());
  CHECK(why_not(binary(json("BOOL", 2), "\1\2")) == "input 'x' is BOOL and has a byte that is neither 0 nor 1");
  CHECK(why_not(binary(json("FP32", 18446744073709551615U), bytes)) == "binary_data_size is no whole number from 0 on");
  CHECK(why_not(binary(json("FP32", 9223372036854775807U), bytes)) ==
        "input 'x' says 9223372036854775807 bytes; 8 are left in the body");
}

TEST_CASE("texts carry their lengths, which are not believed") {
  const auto json = [](std::size_t size) {
    return input("\"shape\":[2],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":" + std::to_string(size) +
                 "}");
  };
  const std::string two("\3\0\0\0abc\0\0\0\0", 11);
  Result<OipRequest> read = binary(json(11), two);
  REQUIRE(read);
  CHECK(read->inputs[0].texts == std::vector<std::string>{"abc", ""});
  CHECK(why_not(binary(json(7), two.substr(0, 7))) == "input 'x' has 1 values; its shape asks for 2");
  CHECK(why_not(binary(json(9), two.substr(0, 9))) == "input 'x' ends inside the length of a text");
  CHECK(why_not(binary(json(8), std::string("\377\377\377\377abcd", 8))) ==
        "input 'x' has a text of 4294967295 bytes where 4 are left");
  CHECK(why_not(binary(json(15), two + std::string(4, '\0'))) == "input 'x' has more values than its shape");
  Result<OipRequest> told = parse_oip_request(input(R"("shape":[2],"datatype":"BYTES","data":["a","\u00e9"])"), {}, {});
  REQUIRE(told);
  CHECK(told->inputs[0].texts == std::vector<std::string>{"a", "\u00e9"});
}

TEST_CASE("what the model does not take is refused by its name") {
  const auto asked = [](const std::string& body, std::vector<TensorInfo> takes) {
    Result<OipRequest> read = parse_oip_request(body, {}, {});
    REQUIRE(read);
    const Result<std::vector<Tensor>> fits = oip_inputs(*read, takes);
    return fits ? "" : fits.error().message;
  };
  const std::string row = input(R"("shape":[1,2],"datatype":"FP32","data":[1,2])");
  CHECK(asked(row, {floats}) == "");
  CHECK(asked(input(R"("shape":[1,2],"datatype":"FP64","data":[1,2])"), {floats}) ==
        "input 'x' is FP64; the model takes FP32");
  CHECK(asked(input(R"("shape":[2],"datatype":"FP32","data":[1,2])"), {floats})
            .starts_with("input 'x' has the shape 2; "));
  CHECK(asked(input(R"("shape":[2,1],"datatype":"FP32","data":[1,2])"), {floats})
            .starts_with("input 'x' has the shape "));
  CHECK(asked(row, {floats, {.name = "y", .type = ElementType::float32}}).starts_with("the input 'y' is missing: "));
  CHECK(asked(row, {}) == "the model has no input 'x'");
}

TEST_CASE("a body without JSON is the one input, whose free length follows") {
  const std::string body(16, '\0');
  Result<OipRequest> read = parse_oip_request(body, 0, {});
  REQUIRE(read);
  CHECK(read->binary_outputs);
  const Result<std::vector<Tensor>> fits = oip_inputs(*read, std::span(&floats, 1));
  REQUIRE(fits);
  CHECK((*fits)[0].shape() == std::vector<std::int64_t>{2, 2});
  Result<OipRequest> odd = parse_oip_request(std::string(12, '\0'), 0, {});
  CHECK_FALSE(oip_inputs(*odd, std::span(&floats, 1)));
}

TEST_CASE("what was answered can be asked again") {
  Tensor t = Tensor::zeros(ElementType::float32, {2, 2});
  const float given[] = {0.1F, -1e-30F, 3.4028235e38F, 7};
  std::memcpy(t.bytes().data(), given, sizeof given);
  for (const bool as_bytes : {false, true}) {
    const OipOutput out{.name = "x\"\n", .tensor = &t, .binary = as_bytes};
    const OipResponse told = oip_response("m", "1", "id", std::span(&out, 1), {});
    CHECK(told.json_bytes.has_value() == as_bytes);
    std::string body = told.body;  // a response has outputs where a request has inputs
    body.replace(body.find("\"outputs\""), 9, "\"inputs\" ");
    Result<OipRequest> back = parse_oip_request(body, told.json_bytes, {});
    REQUIRE(back);
    CHECK(back->inputs[0].name == "x\"\n");
    CHECK(std::memcmp(back->inputs[0].tensor.bytes().data(), given, sizeof given) == 0);
  }
}

TEST_CASE("a refusal is JSON whatever bytes it quotes") {
  for (const char* message : {"plain", "a \"quote\" and \\", "\xff\xfe", "caf\xc3"}) {
    const HttpAnswer no = http_refusal(400, message);
    CHECK(is_json(no.body));
    CHECK(no.body.starts_with("{\"error\":\""));
    CHECK(is_json(http_log_line({.method = message, .target = message, .model = message}, no)));
  }
  CHECK(http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110's own
  CHECK(log_date(784111777) == "1994-11-06T08:49:37Z");
}

TEST_CASE("a request's line is understood or refused, never half") {
  using What = HttpRoute::What;
  CHECK(http_route("POST", "/v2/models/a%2Fb/versions/1/infer").model == "a/b");
  CHECK(http_route("POST", "/v2/models/a/versions/7/infer").version == "7");
  CHECK(http_route("GET", "/v2/models/versions/ready").what == What::model_ready);
  CHECK(http_route("GET", "/v2/models/a/infer").what == What::wrong_method);
  CHECK(http_route("HEAD", "/metrics").what == What::metrics);
  CHECK(http_route("HEAD", "/predict").what == What::wrong_method);
  for (const char* target : {"", "x", "*", "/%", "/%4", "/%gg", "/v2/models", "/v2/models/a/b",
                             "/v2/models/a/versions/1/x", "/predict/a/b", "/v2/x", "//v2"})
    CHECK_MESSAGE(http_route("GET", target).what == What::none, target);
}
