#include "vetset/scan/contact_sheet.h"

#include <doctest/doctest.h>

#include "tests/base/temporary.h"
#include "vetset/image/draw.h"
#include "vetset/image/encode.h"

namespace vetset {
namespace {

using testing::TemporaryFolder;

/// Six images: 0 to 2 in train, 3 and 4 in test, 5 in no split; a box on image 0.
Dataset six_images() {
  Dataset d;
  d.splits = {{.name = "train", .role = SplitRole::train}, {.name = "test", .role = SplitRole::test}};
  d.categories = {{.name = "c<t"}};
  for (int i = 0; i < 6; ++i) {
    const Text path = d.add_text(std::string("i&") + std::to_string(i) + ".png");
    d.images.push_back({.path = path, .media = path, .width = 40, .height = 20});
  }
  for (std::uint32_t i = 0; i < 5; ++i)
    d.memberships.push_back({to_index<SplitIndex>(i < 3 ? 0 : 1), to_index<ImageIndex>(i), i < 3 ? i : i - 3});
  Annotation box{.box = {4, 2, 20, 10}, .image = ImageIndex{0}, .category = CategoryIndex{0}};
  box.box_origin = Origin::stated;
  d.annotations.push_back(box);
  return d;
}

Link link(std::uint32_t a, std::uint32_t b, LinkKind kind, std::uint16_t distance = Link::no_distance) {
  return {.first = ImageIndex{a}, .second = ImageIndex{b}, .kind = kind, .distance = distance};
}

TEST_CASE("a leak shows training left and evaluation right, before clusters of one split") {
  Links links;
  links.links = {link(0, 1, LinkKind::bytes), link(2, 3, LinkKind::near, 12), link(3, 4, LinkKind::near, 40)};
  const Sheet sheet = sheet_of(six_images(), links, "street");
  REQUIRE(sheet.clusters.size() == 2);
  CHECK(sheet.leaks == 1);
  CHECK(sheet.others == 1);
  const SheetCluster& leak = sheet.clusters[0];
  CHECK(leak.left == std::vector{ImageIndex{2}});
  CHECK(leak.right == std::vector{ImageIndex{3}, ImageIndex{4}});
  CHECK(leak.left_splits == "train");
  CHECK(leak.right_splits == "test");
  CHECK(leak.evidence[0] == "i&2.png and i&3.png: near, 12 of 256 bits differ");
  CHECK_FALSE(sheet.clusters[1].leak());
  CHECK(sheet.clusters[1].title == "identical files");
}

TEST_CASE("what is not asked for is left out, what does not fit is counted") {
  Links links;
  links.links = {link(0, 1, LinkKind::bytes), link(0, 2, LinkKind::bytes), link(3, 4, LinkKind::near, 3)};
  CHECK(sheet_of(six_images(), links, "", {.leaks_only = true}).clusters.empty());
  const Sheet few = sheet_of(six_images(), links, "", {.clusters = 1, .images = 2});
  REQUIRE(few.clusters.size() == 1);
  CHECK(few.more == 1);
  CHECK(few.clusters[0].left.size() == 2);
  CHECK(few.clusters[0].more_left == 1);
}

TEST_CASE("a cut link joins nothing") {
  Links links;
  links.links = {link(0, 3, LinkKind::near, 5)};
  links.links[0].cut = true;
  CHECK(sheet_of(six_images(), links, "").clusters.empty());
}

TEST_CASE(
    "the page escapes names and holds its pictures; the PNG is a PNG; a file that is no image is said to be none") {
  const TemporaryFolder folder;
  const Raster picture = canvas(40, 20, {10, 120, 30});
  const auto png = encode_png(picture);
  REQUIRE(png);
  folder.write("i&0.png", *png);
  folder.write("i&3.png", "not a picture");
  const auto tree = open_tree(folder.path());
  REQUIRE(tree);
  Links links;
  links.links = {link(0, 3, LinkKind::near, 5)};
  const Dataset d = six_images();
  const Sheet sheet = sheet_of(d, links, "<street>");
  const auto html = sheet_html(sheet, d, **tree, Pool(2), {});
  REQUIRE(html);
  CHECK(html->find("&lt;street&gt;") != std::string::npos);
  CHECK(html->find("i&amp;0.png") != std::string::npos);
  CHECK(html->find("<title>c&lt;t</title>") != std::string::npos);
  CHECK(html->find("data:image/jpeg;base64,") != std::string::npos);
  CHECK(html->find("i&amp;3.png (cannot be shown)") != std::string::npos);
  const auto drawn = sheet_png(sheet, d, **tree, Pool(1), {});
  REQUIRE(drawn);
  CHECK(drawn->substr(1, 3) == "PNG");
  CHECK(*sheet_png(sheet, d, **tree, Pool(3), {}) == *drawn);
}

}  // namespace
}  // namespace vetset
