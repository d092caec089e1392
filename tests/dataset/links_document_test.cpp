#include <doctest/doctest.h>

#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/dataset/links.h"

using namespace vetset;

namespace {

Dataset images(std::initializer_list<const char*> paths) {
  Dataset d;
  for (const char* path : paths) {
    Image image{};
    image.path = image.media = d.add_text(path);
    d.images.push_back(image);
  }
  return d;
}

Links some_links() {
  Links links;
  links.texts.emplace_back("stem ana");
  links.links = {
      {.first = ImageIndex{0}, .second = ImageIndex{1}, .kind = LinkKind::flipped, .symmetry = 6, .distance = 12},
      {.first = ImageIndex{1}, .second = ImageIndex{2}, .kind = LinkKind::augmented, .cut = true, .text = 1}};
  links.cuts = {{.link = 1, .images = 3, .why = "a chain"}};
  links.aside = {{.image = ImageIndex{2}, .why = Aside::Why::flat}};
  return links;
}

}  // namespace

TEST_CASE("links are written one a line, by paths, with what is known of each") {
  const std::string text = links_document(some_links(), images({"b.jpg", "c.jpg", "a.jpg"}));
  CHECK(
      text.find("\n{\"cut\":{\"images\":3,\"why\":\"a chain\"},\"first\":\"a.jpg\",\"kind\":\"augmented\","
                "\"second\":\"c.jpg\",\"text\":\"stem ana\"},"
                "\n{\"distance\":12,\"first\":\"b.jpg\",\"kind\":\"flipped\",\"second\":\"c.jpg\",\"symmetry\":6}\n") !=
      std::string::npos);
  CHECK(Json::parse(text));
}

TEST_CASE("the order in which images were read does not show") {
  Links turned = some_links();  // of the same images as 1, 0, 2
  std::swap(turned.links[0], turned.links[1]);
  turned.cuts[0].link = 0;
  turned.links[0].first = ImageIndex{0};
  turned.links[1].symmetry = 8;  // what turns the second into the first turns the first into the second backwards
  CHECK(links_document(turned, images({"c.jpg", "b.jpg", "a.jpg"})) ==
        links_document(some_links(), images({"b.jpg", "c.jpg", "a.jpg"})));
}

TEST_CASE("a link that changes changes the root") {
  const Dataset d = images({"b.jpg", "c.jpg", "a.jpg"});
  Links other = some_links();
  other.links[0].distance = 13;
  CHECK(links_root(other, d) != links_root(some_links(), d));
}
