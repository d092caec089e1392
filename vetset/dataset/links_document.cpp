#include <algorithm>
#include <cmath>
#include <tuple>

#include "vetset/base/json.h"
#include "vetset/dataset/links.h"

namespace vetset {
namespace {

/// What turns the first into the second, where `symmetry` turns the second into the first: quarter turns swap.
std::uint8_t turned_back(std::uint8_t symmetry) { return symmetry == 6 ? 8 : symmetry == 8 ? 6 : symmetry; }

/// A link seen from the image whose path comes first.
struct Line {
  std::string_view first, second;
  const Link* link = nullptr;
  const Links::Cut* cut = nullptr;
  bool swapped = false;
};

std::vector<Line> lines_of(const Links& links, const Dataset& d) {
  std::vector<Line> lines;
  lines.reserve(links.links.size());
  for (const Link& link : links.links) {
    Line line{.first = d.path(link.first), .second = d.path(link.second), .link = &link};
    if (line.second < line.first) {
      std::swap(line.first, line.second);
      line.swapped = true;
    }
    lines.push_back(line);
  }
  for (const Links::Cut& cut : links.cuts)
    if (cut.link < lines.size()) lines[cut.link].cut = &cut;
  std::sort(lines.begin(), lines.end(), [&](const Line& a, const Line& b) {
    return std::tuple(a.first, a.second, a.link->kind, links.text(*a.link), a.link->distance) <
           std::tuple(b.first, b.second, b.link->kind, links.text(*b.link), b.link->distance);
  });
  return lines;
}

/// Keys in the order of RFC 8785; what a link does not have is left out.
std::string text_of(const Line& line, const Links& links) {
  const Link& link = *line.link;
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  if (line.cut != nullptr)
    json.key("cut").begin_object().key("images").value(line.cut->images).key("why").value(line.cut->why).end_object();
  if (link.distance != Link::no_distance) json.key("distance").value(std::uint32_t{link.distance});
  json.key("first").value(line.first).key("kind").value(name(link.kind));
  if (link.score != 0) {
    std::string score;
    append_canonical_number(score, std::round(static_cast<double>(link.score) * 1e4) / 1e4);
    json.key("score").raw(score);
  }
  json.key("second").value(line.second);
  if (link.symmetry != 1)
    json.key("symmetry").value(std::uint32_t{line.swapped ? turned_back(link.symmetry) : link.symmetry});
  if (link.text != 0) json.key("text").value(links.text(link));
  json.end_object();
  return out;
}

void write_aside(JsonWriter& json, const Links& links, const Dataset& d) {
  std::vector<std::pair<std::string_view, const Aside*>> aside;
  for (const Aside& a : links.aside) aside.emplace_back(d.path(a.image), &a);
  std::sort(aside.begin(), aside.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.first, a.second->why) < std::tuple(b.first, b.second->why);
  });
  json.key("aside").begin_array();
  for (const auto& [path, a] : aside) {
    json.begin_object();
    if (a->degree != 0) json.key("degree").value(a->degree);
    json.key("image").value(path).key("why").value(name(a->why)).end_object();
  }
  json.end_array();
}

void write_search(JsonWriter& json, const NearSearch& near) {
  json.key("search").begin_object();
  json.key("calibrated").value(near.calibrated).key("candidates").value(near.candidates);
  json.key("confirmation").value(near.confirmation).key("confirmed").value(near.confirmed);
  json.key("expected_false").value(near.expected_false);
  json.key("expected_false_upper").value(near.expected_false_upper);
  json.key("fingerprint").value(near.fingerprint).key("flat").value(near.flat).key("hubs").value(near.hubs);
  json.key("images").value(near.images).key("null_pairs").value(near.null_pairs);
  json.key("radius").value(near.radius).key("rejected").value(near.rejected);
  json.key("symmetries").value(near.symmetries).key("tier").value(name(near.tier));
  json.key("undecodable").value(near.undecodable).key("views").value(near.views).end_object();
}

void write_embedding(JsonWriter& json, const EmbeddingSearch& e) {
  json.key("embedding").begin_object();
  json.key("below").value(e.below).key("between_splits").value(e.between_splits);
  json.key("digest").value(e.digest.text()).key("dimension").value(e.dimension);
  json.key("median").value(e.median).key("name").value(e.name).key("null").value(e.null);
  json.key("null_median").value(e.null_median).key("quantile").value(e.quantile);
  json.key("references").value(e.references).key("searched").value(e.searched).end_object();
}

}  // namespace

std::string links_document(const Links& links, const Dataset& d) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  write_aside(json, links, d);
  if (links.embedding) write_embedding(json, *links.embedding);
  json.key("images").value(std::uint64_t{d.images.size()});
  json.key("links").begin_array();
  for (const Line& line : lines_of(links, d)) json.raw("\n" + text_of(line, links));
  out += "\n";
  json.end_array();
  json.key("notes").begin_array();
  for (const std::string& note : links.notes) json.value(note);
  json.end_array();
  json.key("root").value(links_root(links, d).text());
  write_search(json, links.near);
  json.key("vetset-links").value(1).end_object();
  return out + "\n";
}

Digest links_root(const Links& links, const Dataset& d) {
  MerkleTree tree;
  for (const Line& line : lines_of(links, d)) tree.add(text_of(line, links));
  return tree.root();
}

}  // namespace vetset
