// What a model is taken for, what is found wrong with it, and the contract made of both.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "vetset/base/tree.h"
#include "vetset/runtime/model_check.h"
#include "vetset/runtime/model_guess.h"

namespace vetset {
namespace {

OnnxValue value(std::string name, std::vector<std::int64_t> sizes, std::int32_t type = 1) {
  OnnxValue v{.name = std::move(name), .kind = OnnxValue::Kind::tensor, .type = type, .has_shape = true};
  for (const std::int64_t size : sizes) v.shape.push_back({size, {}});
  return v;
}

OnnxFile file_of(std::vector<OnnxValue> inputs, std::vector<OnnxValue> outputs) {
  OnnxFile file;
  file.opsets = {{"", 17}};
  file.inputs = std::move(inputs);
  file.outputs = std::move(outputs);
  return file;
}

const OnnxValue image = value("images", {1, 3, 640, 640});

TEST_CASE("a model is taken for what its outputs look like") {
  const auto family = [](std::vector<OnnxValue> outputs, OnnxValue input = image) {
    return guess_model(file_of({std::move(input)}, std::move(outputs)), {}).preset;
  };
  CHECK(family({value("output0", {1, 84, 8400})}) == "ultralytics/detect");
  CHECK(family({value("output0", {1, 116, 8400}), value("output1", {1, 32, 160, 160})}) == "ultralytics/segment");
  CHECK(family({value("output", {1, 25200, 85})}) == "yolov5");
  CHECK(family({value("output0", {1, 300, 6})}) == "ultralytics/end-to-end");
  CHECK(family({value("logits", {1, 1000})}) == "torchvision/classify");
  CHECK(family({value("pred_logits", {1, 100, 92}), value("pred_boxes", {1, 100, 4})}) == "detr");
  CHECK(family({value("a", {-1, 4}), value("b", {-1}, 7), value("c", {-1})}) == "torchvision/detection");
  CHECK(family({value("758", {1, 85, 22, 22})}, value("x", {1, 3, 352, 352})) == "fastestdet");
  CHECK(family({value("y", {1, 7, 11})}).empty());
  CHECK(family({}).empty());
}

TEST_CASE("what the exporter wrote decides, and reaches the contract") {
  OnnxFile file = file_of({value("images", {-1, 3, -1, -1})}, {value("output0", {-1, 56, -1})});
  file.metadata = {{"author", "Ultralytics"}, {"task", "pose"},           {"version", "8.4.190"},  {"stride", "32"},
                   {"imgsz", "[480, 640]"},   {"names", "{0: 'person'}"}, {"kpt_shape", "[17, 3]"}};
  const ModelGuess guess = guess_model(file, {});
  CHECK(guess.sure);
  CHECK(guess.preset == "ultralytics/pose");
  const auto built = build_model_spec(file, guess, {}, {}, "best", "");
  REQUIRE(built);
  CHECK(built->gaps.empty());
  CHECK(built->spec.resize.height == 480);
  CHECK(built->spec.resize.width == 640);
  CHECK(built->spec.head.keypoints == 17);
  CHECK(built->spec.classes.size() == 1);

  file.metadata[1].second = "detect";
  file.metadata.push_back({"end2end", "True"});
  CHECK(guess_model(file, {}).preset == "ultralytics/end-to-end");
  file.metadata.pop_back();
  CHECK(guess_model(file, {}).preset == "ultralytics/detect");
  file.outputs[0] = value("output0", {1, 300, 6});  // exports that are older than the key
  CHECK(guess_model(file, {}).preset == "ultralytics/end-to-end");
}

TEST_CASE("names of classes are read as Python writes them") {
  using Names = std::vector<std::pair<std::int64_t, std::string>>;
  CHECK(python_names("{0: 'person', 1: \"driver's seat\"}") == Names{{0, "person"}, {1, "driver's seat"}});
  CHECK(python_names("{2: 'b\\'c', 0: 'a\\\\', 1: '\\xe9\\u4e2d'}") == Names{{0, "a\\"}, {1, "é中"}, {2, "b'c"}});
  CHECK(python_names("['a', 'b']") == Names{{0, "a"}, {1, "b"}});
  CHECK(python_names("{}").empty());
  for (const char* broken : {"", "{", "{0", "{0:", "{0: 'a", "{0: a}", "{x: 'a'}", "{0: '\\x4'}", "{0: 'a' 1}"})
    CHECK(python_names(broken).empty());
}

TEST_CASE("data of other classes than the model's is refused") {
  const OnnxFile file = file_of({image}, {value("output0", {1, 6, 8400})});
  const ModelGuess guess = guess_model(file, {});
  CHECK(guess.classes == 2);
  const auto open = build_model_spec(file, guess, {}, {}, "m", "");
  REQUIRE(open);
  REQUIRE(open->gaps.size() == 1);
  CHECK(open->gaps[0].field == "classes");
  const auto two = build_model_spec(file, guess, {}, {.classes = {{1, "a"}, {2, "b"}}}, "m", "");
  REQUIRE(two);
  CHECK(two->gaps.empty());
  CHECK(two->spec.classes[1].id == 2);
  CHECK_FALSE(build_model_spec(file, guess, {}, {.classes = {{1, "a"}}}, "m", ""));
  CHECK_FALSE(build_model_spec(file, guess, "no-such-preset", {}, "m", ""));
  CHECK_FALSE(build_model_spec(file_of({image}, {}), {}, {}, {}, "m", ""));
}

TEST_CASE("faults of a model are found one by one, and a sound one has none above a note") {
  const auto names = [](const std::string& path) {
    const auto tree = open_file(path);
    REQUIRE(tree);
    const auto bytes = (*tree)->read(base_name(path));
    REQUIRE(bytes);
    const auto graph = read_onnx_graph(bytes->text());
    REQUIRE(graph);
    std::string all;
    for (const ModelFault& fault : check_model(*read_onnx(bytes->text()), *graph))
      all += std::string(name(fault.grade)) + " " + fault.name + "\n";
    return all;
  };
  const std::string samples = std::string(VETSET_SOURCE_DIR) + "/samples/models/";
  CHECK(names(samples + "street.onnx") == "note fixed-batch\n");
  CHECK(names(samples + "faulty.onnx") ==
        "error weights-not-finite\nwarning resize-asymmetric\nwarning unused-input\nnote fixed-batch\nnote "
        "resize-inside\n");
}

TEST_CASE("operators and types that tell of trouble are told of") {
  const auto has = [](const OnnxFile& file, const OnnxGraph& graph, std::string_view fault) {
    const auto all = check_model(file, graph);
    return std::any_of(all.begin(), all.end(), [&](const ModelFault& f) { return f.name == fault; });
  };
  OnnxFile file = file_of({image}, {value("output0", {1, 84, 8400})});
  OnnxGraph graph;
  graph.consumed = {"images"};
  CHECK(check_model(file, graph).size() == 1);  // the fixed batch

  file.operators = {{"", "NonMaxSuppression", 1}, {"trt.plugins", "EfficientNMS_TRT", 1}};
  CHECK(has(file, graph, "suppression-inside"));
  CHECK(has(file, graph, "suppression-plugin"));
  CHECK(has(file, graph, "foreign-operators"));
  file.operators = {{"", "QuantizeLinear", 4}};
  CHECK(has(file, graph, "quantized"));
  file.initialisers = {{"a", 10, {4096}, 8192, false}};
  file.operators.clear();
  CHECK(has(file, graph, "half-precision"));
  file.initialisers.push_back({"b", 1, {4096}, 16384, false});
  CHECK(has(file, graph, "mixed-precision"));
  graph.nodes = {{"", "BatchNormalization", "bn", {}, {}, {{"training_mode", "1"}}}};
  CHECK(has(file, graph, "training-mode"));
  graph.nodes = {{"", "RandomNormal", "r", {}, {}, {}}};
  CHECK(has(file, graph, "random"));
  file.opsets = {{"", 6}};
  CHECK(has(file, graph, "old-opset"));
  file.opsets = {};
  CHECK(has(file, graph, "no-opset"));
  file.external = {{"../w.bin", 1, 4, "leaves the model's folder"}};
  CHECK(has(file, graph, "weights-file"));
}

}  // namespace
}  // namespace vetset
