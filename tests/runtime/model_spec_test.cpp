#include "vetset/runtime/model_spec.h"

#include <doctest/doctest.h>

using namespace vetset;

namespace {

ModelSpec read(const std::string& yaml) {
  Result<ModelSpec> spec = parse_model_spec(yaml, "model.yaml");
  REQUIRE_MESSAGE(spec, (spec ? std::string() : to_string(spec.error())));
  return *std::move(spec);
}
std::string complaint(const std::string& yaml) {
  const Result<ModelSpec> spec = parse_model_spec(yaml, "model.yaml");
  REQUIRE_FALSE(spec);
  return to_string(spec.error());
}

}  // namespace

TEST_CASE("every preset is a contract that reads back as itself") {
  REQUIRE(preset_names().size() >= 15);
  for (const std::string& name : preset_names()) {
    CAPTURE(name);
    const Result<ModelSpec> spec = preset(name);
    REQUIRE(spec);
    const ModelSpec again = read(to_yaml(*spec));
    CHECK(canonical_json(again) == canonical_json(*spec));
    CHECK(to_yaml(again) == to_yaml(*spec));
  }
}

TEST_CASE("a contract's digest changes with each choice that changes a number") {
  const ModelSpec plain = *preset("ultralytics/detect");
  const auto changed = [&](auto&& change) {
    ModelSpec other = plain;
    change(other);
    CHECK(digest(other) != digest(plain));
    CHECK(digest(read(to_yaml(other))) == digest(other));
  };
  changed([](ModelSpec& s) { s.pixels.exif_orientation = false; });
  changed([](ModelSpec& s) { s.pixels.alpha = PixelSpec::Alpha::white; });
  changed([](ModelSpec& s) { s.pixels.truncated = true; });
  changed([](ModelSpec& s) { s.resize.pad = {0, 114, 114}; });
  changed([](ModelSpec& s) { s.resize.filter = ResizeSpec::Filter::area; });
  changed([](ModelSpec& s) { s.resize.sides = ResizeSpec::Sides::down; });
  changed([](ModelSpec& s) { s.resize.pad_zero = true; });
  changed([](ModelSpec& s) { s.input.colour = InputSpec::Colour::bgr; });
  changed([](ModelSpec& s) { s.input.divide = !s.input.divide; });
  changed([](ModelSpec& s) { s.input.mean[2] = 0.5; });
  changed([](ModelSpec& s) { s.post.at_least = true; });
  changed([](ModelSpec& s) { s.post.suppression = PostSpec::Suppression::agnostic; });
  changed([](ModelSpec& s) { s.classes = {{3, "no: this # one\n"}, {7, "ünïcode"}}; });
  changed([](ModelSpec& s) { s.trained_with = {{"torch", "2.15"}, {"ultralytics", "8.4.190"}}; });
  CHECK(digest(plain) == digest(*preset("ultralytics/detect")));
}

TEST_CASE("a contract says only what departs from the defaults, and its classes count from 0") {
  const ModelSpec s = read(
      "version: 1\ntask: detect\nclasses: [cat, dog]\nresize: {fit: letterbox, width: 320, height: 192}\n"
      "input:\n  mean: [0.5]\n");
  CHECK(s.classes.size() == 2);
  CHECK(s.classes[1].id == 1);
  CHECK(s.resize.height == 192);
  CHECK(s.input.mean == std::array<double, 3>{0.5, 0.5, 0.5});
  CHECK(s.post.candidates == 30000);
}

TEST_CASE("what a contract cannot mean is refused with its place") {
  const std::string head = "version: 1\nresize: {fit: stretch, width: 8, height: 8}\n";
  CHECK(complaint("task: detect\n") == "model.yaml:1:1: version is missing; a contract begins with 'version: 1'");
  CHECK(complaint("version: 2\n") == "model.yaml:1:10: version is '2'; this program reads version 1");
  CHECK(complaint(head + "inputt: {}\n") == "model.yaml:3:1: unknown key 'inputt' (did you mean 'input'?)");
  CHECK(complaint(head + "input:\n  colour: yuv\n") ==
        "model.yaml:4:11: input.colour is 'yuv'; expected one of rgb, bgr, grey");
  CHECK(complaint(head + "input: {scale: fast}\n") == "model.yaml:3:16: input.scale is 'fast'; expected a number");
  CHECK(complaint(head + "input: {std: [1, 0, 1]}\n") == "model.yaml: input.std holds a 0");
  CHECK(complaint(head + "post: {score_threshold: 25}\n") == "model.yaml: post.score_threshold is 25; expected 0 to 1");
  CHECK(complaint(head + "post: {clip: 1}\n") == "model.yaml:3:14: post.clip is '1'; expected true or false");
  CHECK(complaint(head + "task: detect\ntask: obb\n") == "model.yaml:4:1: task is said twice");
  CHECK(complaint(head + "classes: [{id: 1, name: a}, {id: 1, name: b}]\n") ==
        "model.yaml:3:29: classes is keys and values; expected an id of its own for each class");
  CHECK(complaint("version: 1\nresize: {fit: letterbox, width: 640}\n") ==
        "model.yaml: resize.fit is letterbox, which needs resize.width and resize.height; they are 640 and 0");
  CHECK(complaint(head + "resize_: 1\n").find("(did you mean 'resize'?)") != std::string::npos);
  CHECK(complaint(head + "model_sha256: abc\n") ==
        "model.yaml: model_sha256 is 'abc'; expected 64 hexadecimal digits in lower case");
}

TEST_CASE("an unknown preset names those that there are") {
  const Result<ModelSpec> none = preset("ultralytics/detekt");
  REQUIRE_FALSE(none);
  CHECK(none.error().message.find("did you mean 'ultralytics/detect'?") != std::string::npos);
  CHECK(none.error().message.find("torchvision/classify") != std::string::npos);
}
