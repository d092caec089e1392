// Lists of others' pictures: what is here is found by bytes, pixels and fingerprint; what is no list is refused.
#include "vetset/scan/known_images.h"

#include <doctest/doctest.h>

#include "tests/scan/pictures.h"

using namespace vetset;

namespace {

std::string row(const Pictures& p, std::size_t i, bool digests, const std::string& more = {}) {
  const Fingerprint& f = p.pixels[i].fingerprint;
  std::string text = "{\"path\":\"" + std::string(p.d.path(to_index<ImageIndex>(i))) + "\"";
  if (digests)
    text += ",\"sha256\":\"" + p.facts[i].digest.hex() + "\",\"pixels\":\"" + p.pixels[i].pixels.hex() + "\"";
  return text + ",\"fingerprint\":\"" + pdq_hex(f.views[0]) + "\",\"fingerprint_trimmed\":\"" + pdq_hex(f.views[1]) +
         "\",\"texture\":" + std::to_string(f.texture) + more + "}\n";
}

Plane mirrored(const Plane& plane) {
  Plane out = plane;
  for (std::uint32_t y = 0; y < plane.height; ++y)
    for (std::uint32_t x = 0; x < plane.width; ++x)
      out.samples[y * plane.width + x] = plane.samples[y * plane.width + plane.width - 1 - x];
  return out;
}

KnownSearch search(const Pictures& p, const std::string& list) {
  auto parsed = parse_known_images("lists/bench.jsonl", list);
  REQUIRE(parsed);
  auto found = find_known_images(p.d, p.facts, p.pixels, std::span(&*parsed, 1), Pool(2), {});
  REQUIRE(found);
  return *std::move(found);
}

}  // namespace

TEST_CASE("a listed picture is found by its bytes, by its pixels, and turned by its fingerprint") {
  Pictures bench, ours;
  for (std::uint64_t k = 0; k < 5; ++k) bench.add("val/" + std::to_string(k) + ".pgm", drawn(k, 160, 120));
  ours.add("a.pgm", drawn(0, 160, 120));
  ours.add("b.pgm", drawn(1, 160, 120), "saved again");
  ours.add("c.pgm", mirrored(drawn(2, 160, 120)));
  ours.add("d.pgm", drawn(77, 160, 120));
  std::string list;
  for (std::size_t i = 0; i < bench.size(); ++i) list += row(bench, i, true);
  const KnownSearch found = search(ours, list);
  REQUIRE(found.lists.size() == 1);
  CHECK(found.lists[0].name == "bench");
  CHECK(found.lists[0].images == 5);
  CHECK(found.lists[0].found == 3);
  CHECK(found.lists[0].digest == sha256(list).hex());
  REQUIRE(found.matches.size() == 3);
  CHECK(found.matches[0].how == KnownMatch::How::bytes);
  CHECK(found.matches[0].path == "val/0.pgm");
  CHECK(found.matches[1].how == KnownMatch::How::pixels);
  CHECK(found.matches[2].how == KnownMatch::How::fingerprint);
  CHECK(found.matches[2].image == ImageIndex{2});
  CHECK(found.matches[2].path == "val/2.pgm");
  CHECK(found.matches[2].symmetry == 2);
}

TEST_CASE("fingerprints alone make a list, and flat pictures are in it by their digests only") {
  Pictures bench, ours;
  bench.add("v.pgm", drawn(1, 160, 120));
  bench.add("w.pgm", flat(160, 120, 128));
  ours.add("a.pgm", drawn(1, 160, 120), "saved again");
  ours.add("b.pgm", flat(160, 120, 127));
  const KnownSearch found = search(ours, row(bench, 0, false) + row(bench, 1, false));
  REQUIRE(found.matches.size() == 1);
  CHECK(found.matches[0].distance == 0);
  CHECK(found.not_searched == 1);
}

TEST_CASE("PDQ hashes of others are matched with our own") {
  Pictures bench, ours;
  bench.add("v.pgm", drawn(1, 160, 120));
  ours.add("a.pgm", drawn(3, 160, 120));
  ours.add("b.pgm", drawn(1, 160, 120), "saved again");
  const Bits256 pdq = pdq_of(grey_raster(drawn(1, 160, 120))).bits;
  ours.pixels[0].pdq = pdq_of(grey_raster(drawn(3, 160, 120))).bits;
  ours.pixels[1].pdq = pdq;
  const KnownSearch found = search(ours, "{\"path\":\"v\",\"pdq\":\"" + pdq_hex(pdq) + "\"}\n");
  REQUIRE(found.matches.size() == 1);
  CHECK(found.matches[0].image == ImageIndex{1});
}

TEST_CASE("a table with a heading is a list, too") {
  const auto list = parse_known_images("x.csv", "path,note,sha256\na.jpg,\"one, two\"," + std::string(64, 'a') + "\n");
  REQUIRE(list);
  REQUIRE(list->images.size() == 1);
  CHECK(list->images[0].path == "a.jpg");
  CHECK(list->images[0].bytes->hex() == std::string(64, 'a'));
}

TEST_CASE("what is no list says where and why") {
  const auto message = [](const std::string& file, const std::string& text) {
    const auto list = parse_known_images(file, text);
    REQUIRE(!list);
    return to_string(list.error());
  };
  CHECK(message("a.jsonl", "{\"sha256\":\"12\"}\n").find("a.jsonl") != std::string::npos);
  CHECK(message("a.jsonl", "{\"sha256\":\"12\"}\n").find("'12' is no sha256") != std::string::npos);
  CHECK(message("a.jsonl", "\n[1]\n").find("expected a JSON object a line") != std::string::npos);
  CHECK(message("a.jsonl", "{\"path\":\"x\"}\n").find("lists no picture") != std::string::npos);
  CHECK(message("a.csv", "path,sha256\n\"x").find("a quote is opened") != std::string::npos);
}
