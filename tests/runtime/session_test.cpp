// Sessions on the real ONNX Runtime, where this machine has one: the environment that the tests are set up with, or
// what VETSET_ORT_LIB names.
#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/runtime/proto_make.h"
#include "vetset/runtime/ort_library.h"
#include "vetset/runtime/runtime.h"

namespace vetset {
namespace {

const std::string street = std::string(VETSET_SOURCE_DIR) + "/samples/models/street.onnx";

/// The runtime of the tests; null, and the test says that it was skipped, where there is none.
std::shared_ptr<Runtime> runtime_here() {
  RuntimeOptions options;
  std::error_code none;
  const std::filesystem::path lib = std::string(VETSET_SOURCE_DIR) + "/.venv/lib";
  if (getenv("VETSET_ORT_LIB") == nullptr)
    for (const auto& python : std::filesystem::directory_iterator(lib, none))
      if (const auto capi = python.path() / "site-packages/onnxruntime/capi"; std::filesystem::exists(capi, none))
        options.library = capi.string();
  auto runtime = Runtime::load(options);
  if (!runtime) {
    MESSAGE("skipped 1: ONNX Runtime");
    return nullptr;
  }
  return *runtime;
}

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A file of its own that goes with the test.
struct Kept {
  explicit Kept(const std::string& bytes) {
    char name[] = "/tmp/vetset-session-XXXXXX";
    folder = mkdtemp(name);
    path = folder + "/m.onnx";
    std::ofstream(path, std::ios::binary) << bytes;
  }
  ~Kept() { std::filesystem::remove_all(folder); }
  std::string folder, path;
};

Tensor picture(float seed) {
  Tensor t = Tensor::zeros(ElementType::float32, {1, 3, 64, 64});
  float value = seed;
  for (float& x : t.values<float>()) x = value = value * 0.37F + 0.21F - static_cast<float>(static_cast<int>(value));
  return t;
}

bool same(const Tensor& a, const Tensor& b) {
  return a.type() == b.type() && a.shape() == b.shape() && a.bytes().size() == b.bytes().size() &&
         std::memcmp(a.bytes().data(), b.bytes().data(), a.bytes().size()) == 0;
}

/// A model that gives what it takes, of this type.
std::string identity(std::uint32_t type, std::uint64_t ir = 8, std::uint64_t opset = 17,
                     std::string_view op = "Identity") {
  using namespace made;
  const std::string shape = fixed(4);
  return model(ir, opset,
               part(1, part(1, "x") + part(2, "y") + node(op)) + part(2, "g") + part(11, value_info("x", type, shape)) +
                   part(12, value_info("y", type, shape)));
}

TEST_CASE("a model from a file and from memory gives the same, into its buffers or into ours") {
  const auto runtime = runtime_here();
  if (!runtime) return;
  const auto session = runtime->open(street, {});
  REQUIRE_MESSAGE(session, session.error().message);
  REQUIRE((*session)->inputs().size() == 1);
  CHECK(to_string((*session)->inputs()[0]) == "1x3x64x64");
  CHECK((*session)->inputs()[0].name == "images");
  CHECK(to_string((*session)->outputs()[0]) == "1x12x84");
  CHECK((*session)->providers() == std::vector<std::string>{"cpu"});

  const std::vector<Tensor> inputs = {picture(0.5F)}, others = {picture(0.25F)};
  const auto first = (*session)->run(inputs);
  REQUIRE_MESSAGE(first, first.error().message);
  CHECK_FALSE(same((*first)[0], (*(*session)->run(others))[0]));

  const std::string bytes = text_of(street);
  const auto from_memory = runtime->open_bytes(bytes, {.threads = 1});
  REQUIRE_MESSAGE(from_memory, from_memory.error().message);
  CHECK(same((*first)[0], (*(*from_memory)->run(inputs))[0]));

  std::vector<Tensor> ours = {Tensor::zeros(ElementType::float32, {1, 12, 84})};
  for (int round = 0; round < 3; ++round) {  // bound once, then again for the other picture, and found bound
    REQUIRE((*session)->run_into(others, ours));
    REQUIRE((*session)->run_into(inputs, ours));
    CHECK(same((*first)[0], ours[0]));
  }
}

TEST_CASE("an output outlives its session") {
  const auto runtime = runtime_here();
  if (!runtime) return;
  std::vector<Tensor> kept;
  {
    auto session = runtime->open(street, {});
    REQUIRE(session);
    const std::vector<Tensor> inputs = {picture(0.5F)};
    kept = *(*session)->run(inputs);
  }
  float sum = 0;
  for (const float x : std::as_const(kept[0]).values<float>()) sum += x;
  CHECK(sum == sum);
}

TEST_CASE("a session is run by many at once") {
  const auto runtime = runtime_here();
  if (!runtime) return;
  const auto session = runtime->open(street, {});
  REQUIRE(session);
  std::vector<std::vector<Tensor>> inputs;
  std::vector<Tensor> expected;
  for (int i = 0; i < 4; ++i) {
    inputs.push_back({picture(0.1F * static_cast<float>(i + 1))});
    expected.push_back((*(*session)->run(inputs.back()))[0]);
  }
  std::vector<int> wrong(4, 0);
  std::vector<std::jthread> callers;
  for (std::size_t i = 0; i < 4; ++i)
    callers.emplace_back([&, i] {
      std::vector<Tensor> ours = {Tensor::zeros(ElementType::float32, {1, 12, 84})};
      for (int round = 0; round < 50; ++round) {
        const auto out = (*session)->run(inputs[i]);
        if (!out || !same((*out)[0], expected[i])) ++wrong[i];
        if (!(*session)->run_into(inputs[i], ours) || !same(ours[0], expected[i])) ++wrong[i];
      }
    });
  callers.clear();
  CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("an input that does not fit is named, with what was expected") {
  const auto runtime = runtime_here();
  if (!runtime) return;
  const auto session = runtime->open(street, {});
  REQUIRE(session);
  const auto words = [&](std::vector<Tensor> inputs) { return (*session)->run(inputs).error().message; };
  CHECK(words({}) == "expected 1 input, found 0");
  std::vector<Tensor> one(1);
  one[0] = Tensor::zeros(ElementType::uint8, {1, 64, 64, 3});
  CHECK(words(one) == "input 'images': expected float32 1x3x64x64, found uint8 1x64x64x3");
  std::vector<std::byte> few(8);
  one[0] = Tensor::view(ElementType::float32, {1, 3, 64, 64}, few);
  CHECK(words(one) == "input 'images': expected 49152 bytes for float32 1x3x64x64, found 8");
  one[0] = picture(0.5F);
  std::vector<Tensor> ours = {Tensor::zeros(ElementType::float32, {1, 12, 83})};
  CHECK((*session)->run_into(one, ours).error().message ==
        "output 'output0': expected float32 1x12x84, found float32 1x12x83");
}

TEST_CASE("a model that cannot run is refused in the runtime's own words") {
  const auto runtime = runtime_here();
  if (!runtime) return;
  const auto words = [&](const std::string& bytes) {
    const auto session = runtime->open_bytes(bytes, {});
    return session ? std::string("opened") : session.error().message;
  };
  const std::string good = text_of(street);
  REQUIRE(words(good) == "opened");
  CHECK(words("") != "opened");
  CHECK(words("not a model at all") != "opened");
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}, good.size() / 2, good.size() - 1})
    CHECK(words(good.substr(0, size)) != "opened");
  CHECK(words(identity(1)) == "opened");
  CHECK(words(identity(1, 99)).find("Unsupported model IR version: 99") != std::string::npos);
  CHECK(words(identity(1, 8, 999)).find("Opset 999") != std::string::npos);
  CHECK(words(identity(1, 8, 17, "NoSuchOperator")).find("NoSuchOperator") != std::string::npos);
  CHECK(words(identity(8)) == "input 'x' is of strings, which vetset does not pass to a model; expected numbers");
  CHECK(runtime->open("/nowhere/m.onnx", {}).error().code == Code::not_found);
}

TEST_CASE("weights outside the model's folder are not read") {
  const auto runtime = runtime_here();
  if (!runtime) return;
  using namespace made;
  const auto with_weights = [](std::string_view path) {
    return model(8, 17,
                 part(1, part(1, "x") + part(1, "w") + part(2, "y") + node("Add")) + part(2, "g") +
                     part(5, outside("w", 4, path, "0")) + part(11, value_info("x", 1, fixed(4))) +
                     part(12, value_info("y", 1, fixed(4))));
  };
  const Kept away(with_weights("../../etc/hostname"));
  auto refused = runtime->open(away.path, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("is no path inside the model's folder") != std::string::npos);
  const std::string bytes = with_weights("w.bin");
  refused = runtime->open_bytes(bytes, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("must be opened as a file") != std::string::npos);

  const Kept beside(bytes);
  const float weights[] = {1, 2, 3, 4};
  std::ofstream(beside.folder + "/w.bin", std::ios::binary).write(reinterpret_cast<const char*>(weights), 16);
  const auto session = runtime->open(beside.path, {});
  REQUIRE_MESSAGE(session, session.error().message);
  std::vector<Tensor> x(1);
  x[0] = Tensor::zeros(ElementType::float32, {4});
  const auto y = (*session)->run(x);
  REQUIRE(y);
  CHECK(std::as_const((*y)[0]).values<float>()[3] == 4);
}

TEST_CASE("a provider that cannot be had is an error that says what to install") {
  const auto runtime = runtime_here();
  if (!runtime) return;
  const std::vector<std::string> has = runtime->providers();
  CHECK(std::find(has.begin(), has.end(), "cpu") != has.end());
  if (std::find(has.begin(), has.end(), "cuda") == has.end()) {
    const auto refused = runtime->open(street, {.providers = {"cuda"}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("has no provider 'cuda'") != std::string::npos);
    CHECK(refused.error().message.find("pip install onnxruntime-gpu") != std::string::npos);
  }
  CHECK(runtime->open(street, {.providers = {"warp"}}).error().code == Code::usage);
  const auto any = runtime->open(street, {.providers = {"auto"}});
  REQUIRE(any);
  CHECK_FALSE((*any)->providers().empty());
}

TEST_CASE("a process keeps the runtime that it loaded first") {
  const auto runtime = runtime_here();
  if (!runtime) return;
  CHECK(*Runtime::load() == runtime);
  const auto other = Runtime::load({.library = "/nowhere/libonnxruntime.so"});
  REQUIRE_FALSE(other);
  CHECK(other.error().code == Code::refused);
}

TEST_CASE("the runtime is looked for where the user says, and nowhere else then") {
  const auto told = ort::library_places("/opt/lib.so");
  REQUIRE(told.size() == 1);
  CHECK(told[0].what == "--runtime");
  CHECK(ort::load_library("/nowhere/lib.so").error().message == "--runtime: there is no such library");
  const auto foreign = ort::load_library("libc.so.6");
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().message == "expected ONNX Runtime's library, found one without OrtGetApiBase");
  const auto places = ort::library_places({});
  if (getenv("VETSET_ORT_LIB") == nullptr) CHECK(places.back().what == "system");
  CHECK(ort::granted_processors() >= 1);
}

}  // namespace
}  // namespace vetset
