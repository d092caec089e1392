#include "vetset/infer/parity.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "vetset/base/digest.h"
#include "vetset/dataset/rle.h"
#include "vetset/image/encode.h"
#include "vetset/runtime/model_fields.h"

using namespace vetset;

namespace {

/// Soft colours with noise in them, so that every filter and rounding gives another picture.
Raster drawn(std::uint32_t width, std::uint32_t height, std::uint8_t channels, std::uint8_t bits = 8) {
  Raster r{width, height, channels, bits, {}};
  std::uint32_t noise = width * 31 + height;
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width * channels * (bits / 8U); ++x) {
      noise = noise * 1664525U + 1013904223U;
      r.samples.push_back(static_cast<std::uint8_t>((x * 3 + y * 5 + (noise >> 26)) & 255U));
    }
  return r;
}

/// A JPEG file that says how it is turned.
std::string turned(std::string jpeg) {
  const std::string block =
      std::string("Exif\0\0II*\0\x08\0\0\0\x01\0", 16) + std::string("\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0", 16);
  const auto size = block.size() + 2;
  return jpeg.insert(2, std::string("\xff\xe1") + static_cast<char>(size >> 8) + static_cast<char>(size & 255) + block);
}

std::vector<std::pair<std::string, std::string>> pictures(const PixelSpec& spec) {
  std::vector<std::pair<std::string, std::string>> all{
      {"wide.png", *encode_png(drawn(97, 41, 3))},     {"clear.png", *encode_png(drawn(50, 60, 4))},
      {"deep.png", *encode_png(drawn(45, 45, 3, 16))}, {"turned.jpg", turned(*encode_jpeg(drawn(80, 56, 3)))},
      {"small.png", *encode_png(drawn(24, 17, 3))},    {"grey.png", *encode_png(drawn(61, 64, 1))}};
  const std::string whole = *encode_jpeg(drawn(120, 90, 3));
  if (spec.truncated) all.emplace_back("cut.jpg", whole.substr(0, whole.size() * 2 / 3));
  return all;
}

Tensor made(std::vector<std::int64_t> shape, const std::function<float(std::size_t)>& value) {
  Tensor t = Tensor::zeros(ElementType::float32, std::move(shape));
  for (std::size_t i = 0; i < t.elements(); ++i) t.values<float>()[i] = value(i);
  return t;
}

ParityNetwork network_of(std::vector<Tensor> outputs) {
  ParityNetwork n;
  for (std::size_t i = 0; i < outputs.size(); ++i) n.names.push_back("output" + std::to_string(i));
  n.run = [outputs](const Tensor&) -> Result<std::vector<Tensor>> { return outputs; };
  return n;
}

/// A record of what the contract does here, as training code would have written it.
struct Made {
  MemoryTree tree;
  ParityRecord record;
};

void keep(Made& m, std::optional<RecordedTensor>& to, const Tensor& t, const std::string& file) {
  to = RecordedTensor{{}, tensor_digest(t), t.type(), t.shape(), file};
  // What NumPy writes: ten bytes, a header, the values.
  const std::string bytes = std::string("\x93NUMPY\x01\0\x02\0{}", 12) +
                            std::string(reinterpret_cast<const char*>(t.bytes().data()), t.bytes().size());
  REQUIRE(m.tree.write(file, bytes));
}

void record(Made& m, const ModelSpec& spec, const ParityNetwork& network) {
  for (const auto& [name, bytes] : pictures(spec.pixels)) {
    RecordedImage i;
    i.name = i.file = name;
    i.sha256 = sha256(bytes).hex();
    REQUIRE(m.tree.write(name, bytes));
    const Result<Preprocessed> p = preprocess(bytes, spec, {.keep_stages = true});
    REQUIRE_MESSAGE(p, (p ? "" : to_string(p.error())));
    keep(m, i.pixels, tensor_of(p->pixels), name + ".pixels");
    keep(m, i.resized, tensor_of(p->resized), name + ".resized");
    keep(m, i.input, p->tensor, name + ".input");
    const auto outputs = *network.run(p->tensor);
    std::vector<const Tensor*> pointers;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      std::optional<RecordedTensor> kept;
      keep(m, kept, outputs[k], name + ".output" + std::to_string(k));
      i.outputs.push_back(*kept);
      pointers.push_back(&outputs[k]);
    }
    const Result<ModelAnswer> answer = postprocess(pointers, 0, spec, p->placement);
    REQUIRE_MESSAGE(answer, (answer ? "" : to_string(answer.error())));
    i.answered = true;
    i.embedding = answer->embedding;
    for (const ClassScore& c : answer->classes) i.objects.push_back({.label = c.label, .score = c.score});
    for (const DetectedObject& d : answer->detections) {
      RecordedObject o{.label = d.label, .score = d.score, .box = d.box, .keypoints = d.keypoints};
      if (!spec.classes.empty()) o.name = spec.classes[d.label].name;
      if (spec.head.angle) o.angle = d.angle;
      if (!d.mask.empty()) {
        const auto width = p->placement.image_width, height = p->placement.image_height;
        std::vector<std::uint8_t> columns(d.mask.size());
        for (std::uint32_t y = 0; y < height; ++y)
          for (std::uint32_t x = 0; x < width; ++x)
            columns[std::size_t{x} * height + y] = d.mask[std::size_t{y} * width + x];
        MaskCounts counts;
        counts_of_bitmap(columns, height, width, counts);
        o.mask = coco_string_of(counts);
      }
      i.objects.push_back(std::move(o));
    }
    m.record.images.push_back(std::move(i));
  }
}

/// Candidates in columns as Ultralytics' heads give them, that overlap, are of two classes and meet thresholds.
Tensor raw_detections(std::size_t classes, std::size_t extra, std::size_t count = 40) {
  const std::size_t rows = 4 + classes + extra;
  return made({1, static_cast<std::int64_t>(rows), static_cast<std::int64_t>(count)}, [=](std::size_t i) {
    const std::size_t row = i / count, n = i % count;
    if (row == 0) return 16.0F + static_cast<float>(n % 4) * 9;
    if (row == 1) return 16.0F + static_cast<float>(n / 4 % 4) * 10;
    if (row < 4) return 18.0F + static_cast<float>((n * (row + 3)) % 7);
    if (row < 4 + classes) return n % 8 == 7 && row == 4 ? 0.25F : static_cast<float>((n * 37 + row * 61) % 97) / 97;
    return std::sin(static_cast<float>(n * 7 + row * 13)) * (extra == 1 ? 1.5F : 6.0F);
  });
}

ModelSpec small(std::string_view preset_name) {
  ModelSpec s = *preset(preset_name);
  if (s.resize.width) s.resize.width = s.resize.height = 64;
  return s;
}
void name_classes(ModelSpec& s, std::size_t n) {
  s.classes.clear();
  for (std::size_t i = 0; i < n; ++i) s.classes.push_back({static_cast<std::int64_t>(i), "c" + std::to_string(i)});
}

struct Base {
  std::string name;
  ModelSpec spec;
  ParityNetwork network;
};

/// Contracts among which every field matters to one at least.
std::vector<Base> bases() {
  std::vector<Base> all;
  const auto add = [&](std::string name, const ModelSpec& s, std::vector<Tensor> outputs) {
    all.push_back({std::move(name), s, network_of(std::move(outputs))});
  };
  ModelSpec detect = small("ultralytics/detect");
  name_classes(detect, 2);
  add("letterbox, class_offset", detect, {raw_detections(2, 0)});
  ModelSpec several = detect;
  several.post.multi_label = true;
  several.post.candidates = 30;
  several.post.detections = 5;
  several.pixels.truncated = true;
  add("several labels", several, {raw_detections(2, 0)});
  ModelSpec gaussian = detect;
  gaussian.post.suppression = PostSpec::Suppression::soft_gaussian;
  gaussian.resize.arithmetic = ResizeSpec::Arithmetic::torch;
  gaussian.resize.fit = ResizeSpec::Fit::stretch;
  add("soft suppression, torch", gaussian, {raw_detections(2, 0)});
  ModelSpec pose = small("ultralytics/pose");
  pose.head.keypoints = 3;
  add("pose", pose, {raw_detections(1, 9)});
  ModelSpec obb = small("ultralytics/obb");
  name_classes(obb, 2);
  add("obb", obb, {raw_detections(2, 1)});
  ModelSpec segment = small("ultralytics/segment");
  name_classes(segment, 2);
  segment.head.mask_coefficients = 4;
  add("segment", segment, {raw_detections(2, 4), made({1, 4, 16, 16}, [](std::size_t i) {
                             return std::sin(static_cast<float>(i) * 0.37F);
                           })});
  const Tensor scores = made({1, 8}, [](std::size_t i) { return static_cast<float>(i * 5 % 8) / 4; });
  ModelSpec classify = *preset("torchvision/classify");
  classify.resize.short_side = 40;
  classify.resize.crop_width = classify.resize.crop_height = 32;
  add("classify", classify, {scores});
  ModelSpec rounded = classify;
  rounded.resize.fit = ResizeSpec::Fit::long_side;
  rounded.resize.short_side = 40;
  rounded.resize.long_side = 55;
  rounded.resize.multiple = 32;
  rounded.resize.crop_width = rounded.resize.crop_height = 0;
  add("long_side", rounded, {scores});
  ModelSpec finished = detect;
  finished.head.kind = HeadSpec::Kind::torchvision;
  add("named outputs", finished,
      {made({3, 4}, [](std::size_t i) { return static_cast<float>(i % 4 < 2 ? i : i + 20); }),
       made({3}, [](std::size_t i) { return static_cast<float>(1 + i % 2); }),
       made({3}, [](std::size_t i) { return 0.9F - static_cast<float>(i) / 10; })});
  return all;
}

// Fields, one after another: each is flipped in turn.

struct Field {
  std::string name;
  ParityStage stage;
};

/// Visits all fields, and changes the one whose number it is: to the `way`-th other value.
class Flip {
 public:
  Flip(std::size_t target, unsigned way) : target_(target), way_(way) {}
  std::vector<Field> fields;

  void text(std::string_view key, std::string& v, std::string_view) {
    if (here(key)) v += "x";
  }
  template <class E, std::size_t N>
  void choice(std::string_view key, E& v, const std::array<std::string_view, N>&, std::string_view) {
    if (here(key)) v = static_cast<E>((static_cast<std::size_t>(v) + 1 + way_) % N);
  }
  void flag(std::string_view key, bool& v, std::string_view) {
    if (here(key)) v = !v;
  }
  template <class Whole>
  void whole(std::string_view key, Whole& v, std::string_view) {
    if (!here(key)) return;
    const std::array<Whole, 4> others{static_cast<Whole>(v + 1), static_cast<Whole>(v > 0 ? v - 1 : 7),
                                      static_cast<Whole>(v / 2 + 1), static_cast<Whole>(v == 1 ? 3 : 1)};
    v = others[way_ % 4];
  }
  void number(std::string_view key, double& v, std::string_view) {
    if (here(key)) v = way_ % 2 ? v * 0.5 : std::min(0.999, v * 1.3 + 1e-3);
  }
  void numbers(std::string_view key, std::array<double, 3>& v, std::string_view) {
    if (here(key)) v[way_ % 3] += 0.01;
  }
  void bytes(std::string_view key, std::array<std::uint8_t, 3>& v, std::string_view) {
    if (here(key)) v[way_ % 3] = static_cast<std::uint8_t>(v[way_ % 3] ^ 1U);
  }
  void type(std::string_view key, ElementType& v, std::string_view) {
    if (here(key)) v = v == ElementType::float32 ? ElementType::float16 : ElementType::float32;
  }
  void names(std::string_view key, std::vector<std::string>& v, std::string_view) {
    if (here(key)) v = {"output2", "output1", "output0"};
  }
  void classes(std::string_view key, std::vector<ModelClass>& v, std::string_view) {
    if (here(key) && !v.empty()) v[0].name += " of another name";
  }
  void pairs(std::string_view key, std::vector<std::pair<std::string, std::string>>& v, std::string_view) {
    if (here(key)) v.emplace_back("another", "1");
  }
  template <class Walk>
  void section(std::string_view key, std::string_view, const Walk& walk_section) {
    section_ = key;
    walk_section();
    section_ = {};
  }

 private:
  bool here(std::string_view key) {
    const std::string name = section_.empty() ? std::string(key) : std::string(section_) + "." + std::string(key);
    const ParityStage stage = section_ == "pixels"   ? ParityStage::pixels
                              : section_ == "resize" ? ParityStage::resized
                              : section_ == "input"  ? ParityStage::input
                                                     : ParityStage::answers;
    fields.push_back({name, stage});
    return fields.size() == target_ + 1;
  }
  std::size_t target_;
  unsigned way_;
  std::string_view section_ = {};
};

}  // namespace

TEST_CASE("a contract does what it did: every stage of a record of itself is equal") {
  for (const Base& base : bases()) {
    CAPTURE(base.name);
    Made m;
    record(m, base.spec, base.network);
    const Result<ParityReport> report = parity(m.tree, m.record, base.spec, base.network);
    REQUIRE_MESSAGE(report, (report ? "" : to_string(report.error())));
    CHECK(!report->broken);
    for (const ParityTally& t : report->stages) {
      CHECK(t.equal == m.record.images.size());
      CHECK(t.near + t.other + t.not_recorded == 0);
    }
  }
}

TEST_CASE("the gate has teeth: whichever field of the contract is another one, it fails, and at the field's stage") {
  // What no pixel depends on. `head.outputs` chooses among outputs by name before this gate; Model::open refuses.
  const std::map<std::string, std::string> without_effect{
      {"name", "a name"},
      {"task", "the head says what is done; a task that does not fit it is refused when a contract is read"},
      {"model_sha256", "checked when the model is opened"},
      {"dataset_id", "a claim of provenance"},
      {"trained_with", "a claim of provenance"},
      {"head.outputs", "chosen when the model is opened"},
  };
  // Fields whose effect is seen a stage later than their section says.
  const std::map<std::string, ParityStage> later{{"resize.pad_zero", ParityStage::input}};
  std::vector<std::pair<Base, Made>> recorded;
  for (Base& base : bases()) {
    recorded.emplace_back(std::move(base), Made{});
    record(recorded.back().second, recorded.back().first.spec, recorded.back().first.network);
  }
  Flip all(static_cast<std::size_t>(-1), 0);
  ModelSpec any;
  walk(all, any);
  REQUIRE(all.fields.size() > 50);
  for (std::size_t f = 0; f < all.fields.size(); ++f) {
    const std::string& name = all.fields[f].name;
    if (without_effect.contains(name)) continue;
    const auto moved = later.find(name);
    const ParityStage expected = moved == later.end() ? all.fields[f].stage : moved->second;
    bool seen = false;
    for (const auto& [base, m] : recorded)
      for (unsigned way = 0; way < 6 && !seen; ++way) {
        ModelSpec other = base.spec;
        Flip flip(f, way);
        walk(flip, other);
        const Result<ParityReport> report = parity(m.tree, m.record, other, base.network);
        if (!report || !report->broken) continue;
        CAPTURE(name);
        CAPTURE(base.name);
        // Before the network a stage earlier than the field's own cannot break.
        CHECK(*report->broken >= std::min(expected, all.fields[f].stage));
        seen = *report->broken == expected;
        if (seen) {
          const std::optional<ParityDifference>& first = report->stages[static_cast<std::size_t>(expected)].first;
          CHECK((first && !first->image.empty() && first->here != first->there));
        }
      }
    CHECK_MESSAGE(seen, name << " can be another one, and nothing tells");
  }
}

TEST_CASE("a pixel that differs is named with its row, column, channel and both values") {
  const Base base = bases()[0];
  Made m;
  record(m, base.spec, base.network);
  RecordedImage& image = m.record.images[0];
  Tensor t = *read_recorded(m.tree, *image.pixels);
  const std::size_t width = static_cast<std::size_t>(t.shape()[1]);
  std::uint8_t& v = t.values<std::uint8_t>()[(3 * width + 5) * 3 + 1];
  const std::uint8_t before = v;
  v = static_cast<std::uint8_t>(v ^ 64U);
  keep(m, image.pixels, t, "other.pixels");
  const Result<ParityReport> report = parity(m.tree, m.record, base.spec, base.network);
  REQUIRE(report);
  REQUIRE(report->broken == ParityStage::pixels);
  const ParityDifference& d = *report->stages[0].first;
  CHECK(d.image == image.name);
  CHECK(d.place == "row 3, column 5, channel 1");
  CHECK(d.here == std::to_string(before));
  CHECK(d.there == std::to_string(before ^ 64));
  CHECK(report->stages[2].other == 0);
}

TEST_CASE("another resizer is taken only where that was said, and only by a level") {
  const Base base = bases()[0];
  Made m;
  record(m, base.spec, base.network);
  RecordedImage& image = m.record.images[0];
  Tensor t = *read_recorded(m.tree, *image.resized);
  t.values<std::uint8_t>()[40] ^= 1U;
  keep(m, image.resized, t, "other.resized");
  CHECK(parity(m.tree, m.record, base.spec, base.network)->broken == ParityStage::resized);
  const auto near = parity(m.tree, m.record, base.spec, base.network, {.near_resize = true});
  CHECK(!near->broken);
  CHECK(near->stages[1].near == 1);
  t.values<std::uint8_t>()[40] ^= 64U;
  keep(m, image.resized, t, "worse.resized");
  CHECK(parity(m.tree, m.record, base.spec, base.network, {.near_resize = true})->broken == ParityStage::resized);
}

TEST_CASE("an object whose score is the threshold's may be on one side alone; no other may") {
  const Base base = bases()[0];
  Made m;
  record(m, base.spec, base.network);
  m.record.images[0].objects.push_back({.name = "c0", .score = 0.2504F, .box = {1, 1, 9, 9}});
  const auto near = parity(m.tree, m.record, base.spec, base.network);
  CHECK(near->broken == ParityStage::answers);  // where the raw outputs are at hand, scores are what they were
  m.record.images[0].outputs[0].file.clear();
  const auto apart = parity(m.tree, m.record, base.spec, base.network);
  CHECK(!apart->broken);
  CHECK(apart->stages[4].near == 1);
  m.record.images[0].objects.back().score = 0.5F;
  CHECK(parity(m.tree, m.record, base.spec, base.network)->broken == ParityStage::answers);
}

TEST_CASE("a model whose outputs are others is told from steps that are others") {
  const Base base = bases()[0];
  Made m;
  record(m, base.spec, base.network);
  Tensor other = raw_detections(2, 0);
  other.values<float>()[3] += 0.5F;
  const auto report = parity(m.tree, m.record, base.spec, network_of({other}));
  REQUIRE(report->broken == ParityStage::outputs);
  CHECK(report->stages[3].first->place == "axis 0 at 0, axis 1 at 0, axis 2 at 3");
  CHECK(report->stages[4].other == 0);  // the steps behind it are given what the record had
}

TEST_CASE("a record that is damaged is an error with its place") {
  const auto read = [](std::string text) {
    MemoryTree tree;
    REQUIRE(tree.write("record.json", text));
    const auto record = read_parity_record(tree);
    return record ? std::string() : record.error().message;
  };
  CHECK(read("{}").find("vetset/parity-record") != std::string::npos);
  CHECK(read(R"({"type":"vetset/parity-record","version":1,"images":[]})") == "has no images");
  CHECK(read(R"({"type":"vetset/parity-record","version":1,"images":[{"name":"a"}]})").find("the file of an image") !=
        std::string::npos);
  CHECK(read(R"({"type":"vetset/parity-record","version":1,"images":[{"file":"a","input":{"type":"x"}}]})")
            .find("element type") != std::string::npos);
  MemoryTree empty;
  CHECK(read_parity_record(empty).error().code == Code::not_found);

  const Base base = bases()[0];
  Made m;
  record(m, base.spec, base.network);
  RecordedTensor claimed = *m.record.images[0].pixels;
  claimed.shape = {std::int64_t{1} << 40, 1 << 20};  // more than any machine has
  CHECK(read_recorded(m.tree, claimed).error().code == Code::malformed);
  m.record.images[0].sha256[0] = m.record.images[0].sha256[0] == 'a' ? 'b' : 'a';
  CHECK(parity(m.tree, m.record, base.spec, base.network).error().code == Code::untrusted);
}
