// Class folders: which folders are classes, which are splits, what lies beside them, and what comes back.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "vetset/base/tree.h"
#include "vetset/convert/convert.h"
#include "vetset/formats/format.h"

using namespace vetset;

namespace {

const Format& folders() { return *find_format("imagefolder"); }

Reading read(const Tree& tree) {
  auto reading = folders().read(tree, {});
  REQUIRE(reading);
  const auto fault = reading->dataset.inconsistency();
  INFO(fault.value_or(""));
  CHECK_FALSE(fault);
  return *std::move(reading);
}
std::uint64_t count(const Reading& r, std::string_view code) {
  for (const auto& [known, n] : r.findings.counts())
    if (known == code) return n;
  return 0;
}
std::vector<std::string> classes(const Dataset& d) {
  std::vector<std::string> names;
  for (const Category& c : d.categories) names.push_back(c.name);
  return names;
}
/// "train/a/1.jpg: a" for each class of an image.
std::vector<std::string> tags(const Dataset& d) {
  std::vector<std::string> all;
  for (const Annotation& a : d.annotations) {
    CHECK(a.kind == Kind::tag);
    all.push_back(std::string(d.path(a.image)) + ": " + d[a.category].name);
  }
  return all;
}
std::vector<std::string> paths(const Tree& tree) {
  std::vector<std::string> all;
  for (const std::string_view path : tree.list()) all.emplace_back(path);
  return all;
}
Proof prove(const Dataset& d, const Tree& media, MemoryTree& out, WriteOptions options = {}) {
  const auto proof = write_proved(d, media, folders(), out, out, options);
  if (!proof) FAIL(to_string(proof.error()));
  CHECK_FALSE(proof->undeclared());
  return *proof;
}
/// A dataset made by hand: images of one split, each with the class of that name.
struct Made {
  Dataset d;
  MemoryTree media;

  CategoryIndex category(const std::string& name) {
    d.categories.push_back({.name = name});
    return to_index<CategoryIndex>(d.categories.size() - 1);
  }
  ImageIndex image(const std::string& path) {
    const Text text = d.add_text(path);
    d.images.push_back({.path = text, .media = text});
    REQUIRE(media.write(path, path));
    return to_index<ImageIndex>(d.images.size() - 1);
  }
  void tag(ImageIndex image, CategoryIndex category, Kind kind = Kind::tag) {
    d.annotations.push_back({.image = image, .category = category, .kind = kind});
  }
  SplitIndex split(const std::string& name, std::vector<ImageIndex> images) {
    d.splits.push_back({.name = name, .role = split_role(name)});
    const auto index = to_index<SplitIndex>(d.splits.size() - 1);
    for (std::uint32_t i = 0; i < images.size(); ++i) d.memberships.push_back({index, images[i], i});
    return index;
  }
};

}  // namespace

TEST_CASE("a folder is a class, numbered by its name byte by byte") {
  const Reading r =
      read(MemoryTree{{"class_2/a.jpg", ""}, {"class_10/b.PNG", ""}, {"Zebra/c.jpg", ""}, {"ape/d.jpg", ""}});
  CHECK(classes(r.dataset) == std::vector<std::string>{"Zebra", "ape", "class_10", "class_2"});
  CHECK(tags(r.dataset) == std::vector<std::string>{"Zebra/c.jpg: Zebra", "ape/d.jpg: ape", "class_10/b.PNG: class_10",
                                                    "class_2/a.jpg: class_2"});
  CHECK(r.dataset.splits.empty());
  CHECK(r.findings.all().empty());
}

TEST_CASE("folders above classes are splits where one is called so") {
  const Reading r = read(MemoryTree{{"test/a/1.jpg", ""},
                                    {"train/a/2.jpg", ""},
                                    {"train/b/3.jpg", ""},
                                    {"Validation/a/4.jpg", ""},
                                    {"Validation/b/5.jpg", ""},
                                    {"pool/b/6.jpg", ""}});
  const Dataset& d = r.dataset;
  REQUIRE(d.splits.size() == 4);
  CHECK(d.splits[0].name == "train");
  CHECK(d.splits[1].name == "Validation");
  CHECK(d.splits[1].role == SplitRole::val);
  CHECK(d.splits[2].name == "test");
  CHECK(d.splits[3].name == "pool");
  CHECK(classes(d) == std::vector<std::string>{"a", "b"});
  CHECK(d.members(SplitIndex{0}).size() == 2);
}

TEST_CASE("a class may be called train") {
  const Reading r = read(MemoryTree{{"person/1.jpg", ""}, {"train/2.jpg", ""}});
  CHECK(classes(r.dataset) == std::vector<std::string>{"person", "train"});
  CHECK(r.dataset.splits.empty());
}

TEST_CASE("a folder around everything is stepped into") {
  const Reading r = read(MemoryTree{{"set/photos/train/a/1.jpg", ""}, {"set/photos/val/a/2.jpg", ""}, {"README", ""}});
  CHECK(classes(r.dataset) == std::vector<std::string>{"a"});
  CHECK(r.dataset.splits.size() == 2);
}

TEST_CASE("images in folders below a class have that class") {
  const Reading r = read(MemoryTree{{"cat/indoors/1.jpg", ""}, {"cat/2.jpg", ""}, {"dog/3.jpg", ""}});
  CHECK(tags(r.dataset) == std::vector<std::string>{"cat/2.jpg: cat", "cat/indoors/1.jpg: cat", "dog/3.jpg: dog"});
}

TEST_CASE("what lies beside class folders is kept and told") {
  const Reading r = read(MemoryTree{{"train/a/1.jpg", ""},
                                    {"train/stray.jpg", ""},
                                    {"cover.jpg", ""},
                                    {"train/a/notes.txt", ""},
                                    {"train/empty/Thumbs.db", ""},
                                    {"metadata.csv", "file_name,text\n"},
                                    {".git/x.jpg", ""}});
  CHECK(r.dataset.images.size() == 3);
  CHECK(r.dataset.annotations.size() == 1);
  CHECK(r.dataset[ImageIndex{0}].state == ImageState::unlabelled);
  CHECK(count(r, "FMT418") == 3);  // two loose images, one folder without images
  CHECK(count(r, "FMT404") == 1);  // the text file
  CHECK(count(r, "FMT416") == 1);  // the metadata
  // Loaders count a class folder of a split even when no image is left in it.
  CHECK(classes(r.dataset) == std::vector<std::string>{"a", "empty"});
}

TEST_CASE("a class that one split lacks shifts the numbers there") {
  const Reading shifted = read(MemoryTree{
      {"train/a/1.jpg", ""}, {"train/b/2.jpg", ""}, {"train/c/3.jpg", ""}, {"val/a/4.jpg", ""}, {"val/c/5.jpg", ""}});
  CHECK(count(shifted, "FMT410") == 1);
  const Reading fewer = read(MemoryTree{{"train/a/1.jpg", ""}, {"train/b/2.jpg", ""}, {"val/a/4.jpg", ""}});
  CHECK(count(fewer, "FMT410") == 0);  // a is number 0 in both
}

TEST_CASE("class folders come back as they were, byte for byte") {
  const MemoryTree tree{{"train/cat/a b.jpg", "1"},
                        {"train/cat/deep/x.png", "2"},
                        {"train/dog/1.jpg", "3"},
                        {"valid/cat/1.jpg", "4"},
                        {"valid/loose.jpg", "5"}};
  MemoryTree out;
  const Proof proof = prove(read(tree).dataset, tree, out);
  CHECK(proof.exact());
  CHECK(paths(out) == paths(tree));
  for (const std::string_view path : tree.list()) CHECK(out.read(path)->text() == tree.read(path)->text());
}

TEST_CASE("names that cannot be folders are spelled, and come back from a list of names") {
  Made m;
  std::size_t n = 0;
  const std::vector<std::string> names = {"a/b", "nul", "dot.", "Car", "car", "", ".hidden", "train", "100%"};
  for (const std::string& name : names) m.tag(m.image(std::to_string(n++) + ".jpg"), m.category(name));
  MemoryTree out;
  prove(m.d, m.media, out);
  CHECK(out.contains("a%2Fb/0.jpg"));
  CHECK(out.contains("%6Eul/1.jpg"));
  CHECK(out.contains("dot%2E/2.jpg"));
  CHECK(out.contains("car-2/4.jpg"));
  CHECK(out.contains("%2Ehidden/6.jpg"));
  CHECK(out.contains("100%/8.jpg"));
  CHECK(out.contains("class-names.json"));
  const Reading back = read(out);
  CHECK(back.dataset.categories.size() == names.size());
  for (const std::string& name : names) {
    CAPTURE(name);
    const auto all = classes(back.dataset);
    CHECK(std::find(all.begin(), all.end(), name) != all.end());
  }
}

TEST_CASE("an image of two splits and two classes lies in each of their folders") {
  Made m;
  const CategoryIndex cat = m.category("cat"), dog = m.category("dog");
  const ImageIndex both = m.image("x.jpg");
  m.tag(both, dog);
  m.tag(both, cat);
  m.split("train", {both});
  m.split("val", {both});
  const auto open = write_proved(m.d, m.media, folders(), m.media, m.media, {});
  REQUIRE_FALSE(open);
  CHECK(open.error().code == Code::refused);
  MemoryTree out;
  WriteOptions options;
  options.policies[Decision::classes] = Policy::split;
  prove(m.d, m.media, out, options);
  CHECK(paths(out) == std::vector<std::string>{"train/cat/x.jpg", "train/dog/x.jpg", "val/cat/x.jpg", "val/dog/x.jpg"});
}

TEST_CASE("objects are asked about, and give images their classes") {
  Made m;
  const CategoryIndex cat = m.category("cat");
  const ImageIndex image = m.image("x.jpg");
  m.tag(image, cat, Kind::box);
  m.tag(image, cat, Kind::box);
  m.image("y.jpg");
  MemoryTree refused, out;
  WriteOptions options;
  options.policies[Decision::objects] = Policy::drop;
  const auto none_left = write_proved(m.d, m.media, folders(), refused, refused, options);
  REQUIRE_FALSE(none_left);
  CHECK(none_left.error().code == Code::refused);
  options.policies[Decision::objects] = Policy::tag;
  prove(m.d, m.media, out, options);
  CHECK(paths(out) == std::vector<std::string>{"cat/x.jpg", "y.jpg"});
}

TEST_CASE("images that are not written are listed, and names that collide are made unlike") {
  Made m;
  const CategoryIndex cat = m.category("cat");
  m.tag(m.image("a/x.jpg"), cat);
  m.tag(m.image("A/X.jpg"), cat);
  MemoryTree out;
  prove(m.d, m.media, out, {.images = ImagesMode::none});
  REQUIRE(paths(out) == std::vector<std::string>{"images-elsewhere.txt"});
  CHECK(out.read("images-elsewhere.txt")->text() == "cat/X-1.jpg\ncat/x.jpg\n");
  CHECK(tags(read(out).dataset).size() == 2);
}

TEST_CASE("images alone are taken where nothing else could say what they show") {
  const auto score = [](const MemoryTree& tree) { return folders().detect(tree).score; };
  CHECK(score({{"a.jpg", ""}, {"b.jpg", ""}}) == 1);
  CHECK(score({{"a.jpg", ""}, {"README.md", ""}, {"LICENSE", ""}}) == 1);
  CHECK(score({{"a.jpg", ""}, {"a.json", ""}}) == 0);
  CHECK(score({{"a.jpg", ""}, {"b.csv", ""}, {"c.csv", ""}, {"d.csv", ""}}) == 0);
  CHECK(score({{"notes.txt", ""}}) == 0);
}

TEST_CASE("folders of other layouts are not taken for classes") {
  const auto score = [](const MemoryTree& tree) { return folders().detect(tree).score; };
  CHECK(score({{"images/train/a.jpg", ""}, {"labels/train/a.txt", ""}}) == 0);
  CHECK(score({{"photos/train/a.jpg", ""}, {"photos/val/b.jpg", ""}}) == 0);
  CHECK(score({{"JPEGImages/a.jpg", ""}, {"Annotations/a.xml", ""}}) == 0);
  CHECK(score({{"cat/a.jpg", ""}, {"cat/a.json", ""}, {"dog/b.jpg", ""}, {"dog/b.json", ""}}) == 5);
  CHECK(score({{"cat/a.jpg", ""}, {"dog/b.jpg", ""}}) == 40);
  CHECK(score({{"train/cat/a.jpg", ""}, {"val/cat/b.jpg", ""}}) == 50);
}
