#include "vetset/convert/convert.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "vetset/base/json.h"

using namespace vetset;

namespace {

// A format of a few lines, to look at the proof rather than at a format: "labels.txt" holds one box a line, "image
// class x y w h", numbers with one decimal; crowds are a decision. `faults` makes its writer or reader go wrong.

enum class Fault { none, forgets_last, moves_boxes, writes_rubbish, doubles_first, forgets_images };
Fault fault = Fault::none;
std::vector<std::uint32_t> widths_seen;  // that the reader was told of

bool is_crowd(const Dataset& d, AnnotationIndex i, const WriteOptions&) { return d[i].flags.is(Flag::crowd); }
bool crowd_record(const Dataset& d, std::uint32_t i) { return d.annotations[i].flags.is(Flag::crowd); }
double half_decimal(const Dataset&, std::uint32_t) { return 0.05 + 1e-9; }

constexpr Carry carries[] = {
    {.field = Field::annotation, .verb = Verb::refused, .when = crowd_record, .note = "there are no crowds"},
    {.field = Field::annotation, .verb = Verb::exact},
    {.field = Field::annotation_image, .verb = Verb::exact},
    {.field = Field::annotation_category, .verb = Verb::exact},
    {.field = Field::annotation_kind, .verb = Verb::exact},
    {.field = Field::annotation_order, .verb = Verb::exact},
    {.field = Field::annotation_box, .verb = Verb::quantised, .bound = half_decimal, .note = "one decimal"},
    {.field = Field::image, .verb = Verb::exact},
    {.field = Field::image_path, .verb = Verb::rekeyed},
    {.field = Field::image_order, .verb = Verb::exact},
    {.field = Field::category, .verb = Verb::exact},
    {.field = Field::category_name, .verb = Verb::exact},
    {.field = Field::category_order, .verb = Verb::exact},
};
constexpr Policy crowd_policies[] = {Policy::drop, Policy::object};
constexpr Choice choices[] = {{Decision::crowd, is_crowd, crowd_policies, "a trainer would learn crowds as objects"}};

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> out(1);
  for (const char c : line)
    if (c == ' ')
      out.emplace_back();
    else
      out.back() += c;
  return out;
}

Result<Reading> read_lines(const Tree& tree, const ReadOptions& options) {
  Reading r;
  Dataset& d = r.dataset;
  d.format = "lines";
  VETSET_TRY(const Bytes bytes, tree.read("labels.txt"));
  d.files.push_back({.path = d.add_text("labels.txt")});
  std::string_view text = bytes.text();
  for (std::uint32_t order = 0; !text.empty(); ++order) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos)
      return Error{Code::malformed, "the last line has no end", "labels.txt", order + 1};
    const std::vector<std::string> w = words(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (w[0] == "class") {
      d.categories.push_back({.name = w[1]});
      continue;
    }
    if (w[0] == "image") {
      const Text media = tree.contains(w[1]) ? d.add_text(w[1]) : Text{};
      d.images.push_back({.path = d.add_text(w[1]), .media = media, .file = FileIndex{0}});
      if (options.known_size)
        if (const auto size = options.known_size(w[1])) widths_seen.push_back(size->first);
      continue;
    }
    if (w.size() != 6) return Error{Code::malformed, "expected six words", "labels.txt", order + 1};
    const auto number = [&](std::size_t k) { return std::atof(w[k].c_str()); };
    d.annotations.push_back({.box = {.x = number(2), .y = number(3), .width = number(4), .height = number(5)},
                             .image = static_cast<ImageIndex>(std::atoi(w[0].c_str())),
                             .category = static_cast<CategoryIndex>(std::atoi(w[1].c_str())),
                             .kind = Kind::box,
                             .box_origin = Origin::stated,
                             .order = order});
    d.annotation_positions.push_back(Position::at(FileIndex{0}, order));
  }
  return r;
}

Result<Emission> write_lines(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options) {
  if (fault == Fault::writes_rubbish) {
    VETSET_DO(out.write("labels.txt", "rubbish\n"));
    return Emission{};
  }
  Emission e;
  std::string text;
  const Text file = e.add_text("labels.txt");
  std::uint32_t order = 0;
  for (std::size_t c = 0; c < d.categories.size(); ++c, ++order) {
    text += "class " + d.categories[c].name + "\n";
    e.categories.push_back(to_index<CategoryIndex>(c));
  }
  for (std::size_t i = 0; i < d.images.size(); ++i, ++order) {
    std::string path(d.path(to_index<ImageIndex>(i)));
    std::replace(path.begin(), path.end(), '/', '_');
    text += "image " + path + "\n";
    e.names.push_back({.image = to_index<ImageIndex>(i), .path = e.add_text(path)});
    if (options.images == ImagesMode::copy && !d.images[i].media.empty() && fault != Fault::forgets_images)
      VETSET_DO(out.copy(path, media, d.text(d.images[i].media)));
  }
  for (std::size_t i = 0; i < d.annotations.size(); ++i) {
    const Annotation& a = d.annotations[i];
    if (a.flags.is(Flag::crowd) && options.policies[Decision::crowd] == Policy::drop) continue;
    if (fault == Fault::forgets_last && i + 1 == d.annotations.size()) continue;
    for (int copies = fault == Fault::doubles_first && i == 0 ? 2 : 1; copies > 0; --copies) {
      text += std::to_string(to_size(a.image)) + " " + std::to_string(to_size(a.category));
      for (double v : {a.box.x, a.box.y, a.box.width, a.box.height}) {
        text += ' ';
        append_fixed(text, fault == Fault::moves_boxes ? v + 0.1 : v, 1);
      }
      text += '\n';
      if (copies == 1) e.annotations.push_back({.from = static_cast<std::uint32_t>(i), .file = file, .order = order});
      ++order;
    }
  }
  VETSET_DO(out.write("labels.txt", text));
  return e;
}

std::optional<std::string> refuses_many(const Dataset& d, const WriteOptions&) {
  if (d.images.size() < 100) return std::nullopt;
  return "a hundred images are too many for it";
}

const Format lines{.id = "lines",
                   .title = "Lines",
                   .judge = "",
                   .tasks = {},
                   .carries = carries,
                   .choices = choices,
                   .detect = [](const Tree&) { return Detection{}; },
                   .read = read_lines,
                   .write = write_lines,
                   .refuses = refuses_many};

/// Two images, three boxes; the second box is a crowd.
Dataset sample() {
  Dataset d;
  d.format = "hand";
  d.categories.push_back({.name = "cat"});
  for (const char* path : {"a/img.jpg", "b/img.jpg"})
    d.images.push_back({.path = d.add_text(path), .media = d.add_text(path), .width = 64, .height = 48});
  for (std::uint32_t k = 0; k < 3; ++k)
    d.annotations.push_back({.box = {.x = 1.5 * k, .y = 2, .width = 3.25, .height = 4},
                             .image = ImageIndex{k / 2},
                             .category = CategoryIndex{0},
                             .kind = Kind::box,
                             .box_origin = Origin::stated,
                             .order = k});
  d.annotations[1].flags.set(Flag::crowd, true);
  return d;
}

const MemoryTree& media() {
  static const MemoryTree tree{{"a/img.jpg", "first picture"}, {"b/img.jpg", "second picture"}};
  return tree;
}

Result<Proof> proved(const Dataset& d, const WriteOptions& options, MemoryTree& out) {
  return write_proved(d, media(), lines, out, out, options);
}

WriteOptions with_crowd(Policy policy) {
  WriteOptions options;
  options.policies[Decision::crowd] = policy;
  return options;
}

Result<Proof> proved_with(Fault f) {
  fault = f;
  MemoryTree out;
  auto proof = proved(sample(), with_crowd(Policy::object), out);
  fault = Fault::none;
  return proof;
}

const Difference* find(const Proof& proof, Field field, Outcome outcome) {
  for (const Difference& d : proof.lines)
    if (d.field == field && d.outcome == outcome) return &d;
  return nullptr;
}

}  // namespace

TEST_CASE("an open decision stops a conversion before anything is written, and names the usual answer") {
  MemoryTree out;
  const auto proof = proved(sample(), {}, out);
  REQUIRE_FALSE(proof);
  CHECK(proof.error().code == Code::refused);
  CHECK(proof.error().message == "lines needs a decision: crowd=drop is what most people choose");
  CHECK(out.list().empty());
}

TEST_CASE("decisions are counted, with a first example and all answers") {
  const auto asked = decisions(sample(), lines, {});
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].count == 1);
  CHECK(asked[0].first == "a/img.jpg, record 2");
  CHECK(asked[0].possible == std::vector<Policy>{Policy::drop, Policy::object});
  CHECK(usual_answers(asked) == "crowd=drop");
  CHECK(usual_answers(decisions(sample(), lines, with_crowd(Policy::object))) == "crowd=object");
  Dataset without = sample();
  without.annotations[1].flags.set(Flag::crowd, false);
  CHECK(decisions(without, lines, {}).empty());
}

TEST_CASE("a decision to drop is a declared loss") {
  MemoryTree out;
  const auto proof = proved(sample(), with_crowd(Policy::drop), out);
  REQUIRE(proof);
  CHECK(verdict(*proof) == Verdict::declared);
  const Difference* lost = find(*proof, Field::annotation, Outcome::lost);
  REQUIRE(lost != nullptr);
  CHECK(lost->verb == Verb::refused);
  CHECK(lost->declared);
  CHECK(proof->before.annotations == 3);
  CHECK(proof->after.annotations == 2);
}

TEST_CASE("what is rounded is told with how far") {
  MemoryTree out;
  const auto proof = proved(sample(), with_crowd(Policy::object), out);
  REQUIRE(proof);
  CHECK_FALSE(proof->undeclared());
  const Difference* box = find(*proof, Field::annotation_box, Outcome::changed);
  REQUIRE(box != nullptr);
  CHECK(box->count == 3);
  CHECK(box->largest == doctest::Approx(0.05));
  CHECK(box->largest <= box->bound);
}

TEST_CASE("a writer that forgets, moves, doubles or skips is caught") {
  const auto forgets = proved_with(Fault::forgets_last);
  REQUIRE(forgets);
  CHECK(verdict(*forgets) == Verdict::undeclared);
  CHECK_FALSE(find(*forgets, Field::annotation, Outcome::lost)->declared);

  const auto moves = proved_with(Fault::moves_boxes);
  REQUIRE(moves);
  CHECK_FALSE(find(*moves, Field::annotation_box, Outcome::changed)->declared);

  const auto doubles = proved_with(Fault::doubles_first);
  REQUIRE(doubles);
  CHECK_FALSE(find(*doubles, Field::annotation, Outcome::added)->declared);

  const auto images = proved_with(Fault::forgets_images);
  REQUIRE_FALSE(images);
  CHECK(images.error().code == Code::defect);
  CHECK(images.error().message == "the image is not found again in what was written");
  CHECK(images.error().file == "a/img.jpg");
}

TEST_CASE("output that its own reader cannot read is our defect, not the user's") {
  const auto proof = proved_with(Fault::writes_rubbish);
  REQUIRE_FALSE(proof);
  CHECK(proof.error().code == Code::defect);
  CHECK(proof.error().message == "what was written as lines cannot be read back: expected six words");
}

TEST_CASE("answers that make no sense for the target are refused by name") {
  MemoryTree out;
  const auto unknown_policy = proved(sample(), with_crowd(Policy::fill), out);
  REQUIRE_FALSE(unknown_policy);
  CHECK(unknown_policy.error().message == "lines cannot do crowd=fill, expected crowd=drop|object");
  WriteOptions options = with_crowd(Policy::drop);
  options.policies[Decision::hole] = Policy::fill;
  const auto unknown_decision = proved(sample(), options, out);
  REQUIRE_FALSE(unknown_decision);
  CHECK(unknown_decision.error().message == "hole=fill makes no sense for lines, which asks no decision about hole");
}

TEST_CASE("a dataset that the format refuses is not written") {
  Dataset d = sample();
  while (d.images.size() < 100) d.images.push_back(d.images[0]);
  MemoryTree out;
  const auto proof = proved(d, with_crowd(Policy::drop), out);
  REQUIRE_FALSE(proof);
  CHECK(proof.error().message == "a hundred images are too many for it");
}

TEST_CASE("label files are named by their digests, images are only counted") {
  MemoryTree out;
  const auto proof = proved(sample(), with_crowd(Policy::drop), out);
  REQUIRE(proof);
  REQUIRE(proof->target_files.size() == 1);
  CHECK(proof->target_files[0].path == "labels.txt");
  CHECK(proof->target_files[0].digest == sha256(out.read("labels.txt")->text()));
  CHECK(proof->files == 3);
  CHECK(proof->bytes == proof->target_files[0].bytes + std::string_view("first picturesecond picture").size());
}

TEST_CASE("flattened names are recorded and can be turned back") {
  MemoryTree out;
  const auto proof = proved(sample(), with_crowd(Policy::drop), out);
  REQUIRE(proof);
  REQUIRE(proof->names.size() == 2);
  CHECK(proof->names[1].from == "b/img.jpg");
  CHECK(proof->names[1].to == "b_img.jpg");
  CHECK(proof->names[1].reason == "flattened");
}

TEST_CASE("sizes reach the reader even when images do not travel") {
  MemoryTree out;
  WriteOptions options = with_crowd(Policy::drop);
  options.images = ImagesMode::none;
  widths_seen.clear();
  const auto proof = proved(sample(), options, out);
  REQUIRE(proof);
  CHECK(out.list().size() == 1);
  CHECK(widths_seen == std::vector<std::uint32_t>{64, 64});
}

TEST_CASE("a proof is canonical JSON that the same conversion gives again") {
  MemoryTree first, second;
  const auto a = proved(sample(), with_crowd(Policy::drop), first),
             b = proved(sample(), with_crowd(Policy::drop), second);
  REQUIRE(a);
  REQUIRE(b);
  const std::string text = to_json(*a);
  CHECK(text == to_json(*b));
  CHECK(text == *canonical_json(text));
  const auto json = Json::parse(text);
  REQUIRE(json);
  CHECK(json->find("vetset-proof")->number() == 1);
  CHECK(json->text_or("verdict", "") == "declared");
  CHECK(json->find("target")->find("files")->elements().size() == 1);
  CHECK(json->find("decisions")->elements()[0].text_or("policy", "") == "drop");
  bool example = false;
  for (const Json& line : json->find("lines")->elements())
    if (line.text_or("field", "") == "annotation" && line.text_or("outcome", "") == "lost")
      example = line.find("example")->text_or("where", "") == "a/img.jpg, record 2";
  CHECK(example);
}

TEST_CASE("many files are named by their root alone") {
  Proof proof;
  for (std::size_t k = 0; k <= listed_files; ++k)
    proof.source_files.push_back(
        {.path = "labels/" + std::to_string(k), .bytes = k, .digest = sha256(std::to_string(k))});
  const auto json = Json::parse(to_json(proof));
  REQUIRE(json);
  CHECK(json->find("source")->find("files") == nullptr);
  CHECK(json->find("source")->find("count")->number() == static_cast<double>(listed_files + 1));
  CHECK(json->find("source")->text_or("root", "") == root_of(proof.source_files).text());
  proof.source_files.pop_back();
  CHECK(Json::parse(to_json(proof))->find("source")->find("files")->elements().size() == listed_files);
}
