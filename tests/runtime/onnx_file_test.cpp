// What an ONNX file says of itself, and what a file may not do to us.
#include "vetset/runtime/onnx_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "tests/runtime/proto_make.h"

using namespace vetset;
using namespace vetset::made;

namespace {

std::string detector() {
  const std::string graph = part(1, node("Conv")) + part(1, node("Conv", "ai.onnx")) +
                            part(1, node("BiasGelu", "com.microsoft")) + part(2, "main") +
                            part(5, tensor("w", 1, 2, "abcdefgh")) +
                            part(11, value_info("images", 1, open("batch") + fixed(3) + open("") + fixed(640))) +
                            part(11, value_info("w", 1, fixed(2))) + part(12, value_info("boxes", 7, {}));
  return model(8, 17, graph,
               part(8, part(1, "com.microsoft") + number(2, 1)) + part(14, part(1, "task") + part(2, "detect")));
}

std::string fault(std::string_view bytes) {
  const auto read = read_onnx(bytes);
  return read ? "none" : read.error().message;
}

}  // namespace

TEST_CASE("an onnx file tells its versions, values, operators and weights") {
  const std::string bytes = detector();
  const auto read = read_onnx(bytes);
  REQUIRE(read);
  CHECK(read->ir_version == 8);
  CHECK(read->opset() == 17);
  CHECK(read->producer == "made");
  CHECK(read->meta("task") == "detect");
  REQUIRE(read->inputs.size() == 1);  // w is an initialiser that also stands among the inputs
  CHECK(to_string(read->inputs[0]) == "float[batch,3,?,640]");
  REQUIRE(read->outputs.size() == 1);
  CHECK(to_string(read->outputs[0]) == "int64[]");
  CHECK(read->nodes == 3);
  REQUIRE(read->operators.size() == 2);
  CHECK(read->operators[0].name == "Conv");
  CHECK(read->operators[0].count == 2);  // "ai.onnx" is ONNX itself
  CHECK(read->operators[1].domain == "com.microsoft");
  CHECK(read->weight_bytes == 8);
  CHECK(read->file_bytes == bytes.size());
}

TEST_CASE("an onnx file cut off anywhere is refused or lacks its graph, and never read past its end") {
  const std::string bytes = detector();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(read_onnx(std::string(bytes, 0, size)));
  }
  CHECK(fault(std::string_view(bytes).substr(0, bytes.size() - 1)).find("cut off or damaged, at byte ") !=
        std::string::npos);
}

TEST_CASE("what is no onnx model is named for what it is") {
  CHECK(fault("PK\x03\x04") ==
        "expected an ONNX model, found that it is a zip archive, perhaps a PyTorch model: export it to ONNX first");
  CHECK(fault("version https://git-lfs.github.com/spec/v1\n").find("Git LFS") != std::string::npos);
  CHECK(fault("").find("is empty") != std::string::npos);
  CHECK(fault(number(1, 8)) == "has no graph: not an ONNX model, or cut off after 2 bytes");
  CHECK(fault(part(7, {})) == "says no IR version: not an ONNX model");
  CHECK(fault("\x0b\x0c").find("not protobuf") != std::string::npos);
}

TEST_CASE("weights that contradict their shape are refused") {
  CHECK(fault(model(8, 17, part(5, tensor("w", 1, 3, "abcd"))))
            .find("tensor 'w' has 4 bytes where its shape needs 12, at byte") == 0);
  const auto sized = [](std::uint64_t d) { return model(8, 17, part(5, number(1, d) + number(2, 1) + part(8, "w"))); };
  CHECK(fault(sized(~std::uint64_t{0})).find("tensor 'w' has a dimension of -1") == 0);
  CHECK(fault(sized(std::uint64_t{1} << 60U)).find("larger than any machine") != std::string::npos);
}

TEST_CASE("graphs nested without end stop at a limit") {
  std::string graph = part(1, node("If"));
  for (int i = 0; i < 100; ++i) graph = part(1, node("If") + part(5, part(6, graph)));
  CHECK(fault(model(8, 17, graph)) == "graphs are nested deeper than 64");
}

TEST_CASE("files of weights beside a model must lie in its folder and be long enough") {
  const auto with = [](std::string_view path) {
    return model(10, 21, part(5, outside("w", 1024, path, "4096")) + part(5, outside("v", 2, path, "0")));
  };
  MemoryTree tree{{"m/a.onnx", with("w.bin")},         {"m/b.onnx", with("none.bin")},
                  {"m/c.onnx", with("../w.bin")},      {"m/d.onnx", with("/etc/passwd")},
                  {"m/w.bin", std::string(8000, 'x')}, {"m/e.onnx", with("e.bin")},
                  {"m/e.bin", std::string(8192, 'x')}};
  const auto problem = [&](std::string_view path) {
    const auto read = read_onnx(tree, path);
    REQUIRE(read);
    REQUIRE(read->external.size() == 1);
    CHECK(read->external[0].tensors == 2);
    return read->external[0].problem;
  };
  CHECK(problem("m/a.onnx") == "has 8000 bytes, and the model needs 8192");
  CHECK(problem("m/b.onnx") == "is missing");
  CHECK(problem("m/c.onnx").find("is no path inside the model's folder") == 0);
  CHECK(problem("m/d.onnx").find("is no path inside the model's folder") == 0);
  CHECK(problem("m/e.onnx").empty());
}

TEST_CASE("real onnx models are read whole") {
  const char* given = std::getenv("VETSET_DATA");
  const std::filesystem::path data = given != nullptr ? given : VETSET_SOURCE_DIR "/../shared/data";
  if (!std::filesystem::exists(data / "onnx")) {
    MESSAGE("skipped 1: VETSET_DATA");
    return;
  }
  std::size_t models = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data / "onnx")) {
    if (entry.path().extension() != ".onnx") continue;
    CAPTURE(entry.path().string());
    const auto read = read_onnx_file(entry.path().string());
    REQUIRE(read);
    ++models;
    CHECK(read->opset() > 0);
    CHECK_FALSE(read->inputs.empty());
    CHECK_FALSE(read->outputs.empty());
    CHECK(read->nodes > 0);
    CHECK(read->weight_bytes <= read->file_bytes * 3);
  }
  CHECK(models >= 5);
}
