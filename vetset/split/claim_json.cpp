// What a check of splits found, as a document.
#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/split/claim.h"

namespace vetset {
namespace {

constexpr std::size_t most_clusters = 1000, most_images = 100, most_moved = 1000;

void write_pair(JsonWriter& out, const Dataset& d, const CrossingPair& pair) {
  out.begin_object().key("first").begin_object().key("path").value(d.path(pair.first));
  out.key("split").value(pair.first_split).end_object();
  out.key("second").begin_object().key("path").value(d.path(pair.second));
  out.key("split").value(pair.second_split).end_object();
  out.key("kind").value(name(pair.kind)).key("distance");
  if (pair.distance == Link::no_distance)
    out.null();
  else
    out.value(std::uint32_t{pair.distance});
  out.key("score").value(static_cast<double>(pair.score)).key("how").value(pair.how);
  if (!pair.through.empty()) out.key("through").value(pair.through);
  out.end_object();
}

void write_cluster(JsonWriter& out, const Dataset& d, const SplitCheck& check, const LeakCluster& cluster) {
  out.begin_object().key("images").value(std::uint64_t{cluster.images.size()}).key("splits").begin_object();
  for (std::size_t s = 0; s < check.names.size(); ++s)
    if (cluster.by_split[s] > 0) out.key(check.names[s]).value(cluster.by_split[s]);
  out.end_object().key("kinds").begin_array();
  for (std::size_t k = 0; k < link_kind_count; ++k)
    if (has(cluster.kinds, static_cast<LinkKind>(k))) out.value(name(static_cast<LinkKind>(k)));
  out.end_array().key("crossing_links").value(cluster.pairs).key("example");
  write_pair(out, d, cluster.example);
  out.key("paths").begin_array();
  for (std::size_t i = 0; i < std::min(cluster.images.size(), most_images); ++i) out.value(d.path(cluster.images[i]));
  out.end_array().end_object();
}

void write_near(JsonWriter& out, const SplitCheck& check) {
  const NearSearch& near = check.near;
  out.begin_object().key("near").value(name(near.tier)).key("radius").value(near.radius);
  out.key("fingerprint").value(near.fingerprint).key("confirmation").value(near.confirmation);
  out.key("images").value(near.images);
  write_planted(out, near);
  out.key("set_aside").begin_object();
  for (std::size_t why = 0; why < check.aside.size(); ++why)
    out.key(name(static_cast<Aside::Why>(why))).value(check.aside[why]);
  out.end_object().key("images_without_file").value(check.without_file).key("links");
  write_edges(out, check.edges);
  out.key("root").value(check.edges.root.text()).key("notes").begin_array();
  for (const std::string& note : check.notes) out.value(note);
  out.end_array().end_object();
}

void write_lock(JsonWriter& out, const Dataset& d, const LockCheck& lock) {
  out.begin_object().key("absent").value(lock.absent).key("new").value(lock.new_images);
  out.key("moved").begin_object().key("count").value(std::uint64_t{lock.moved.size()}).key("first").begin_array();
  for (std::size_t m = 0; m < std::min(lock.moved.size(), most_moved); ++m) {
    const LockCheck::Moved& moved = lock.moved[m];
    out.begin_object().key("path").value(d.path(moved.image)).key("from");
    if (moved.from.empty())
      out.null();
    else
      out.value(moved.from);
    out.key("to").value(moved.to).end_object();
  }
  out.end_array().end_object().key("search").value(name(lock.search));
  if (!lock.why.empty()) out.key("why").value(lock.why);
  out.key("unlike").begin_array();
  for (const LinkKind kind : lock.unlike) out.value(name(kind));
  out.end_array().key("renamed").value(lock.renamed).end_object();
}

}  // namespace

std::string to_json(const SplitCheck& check, const Dataset& d, std::string_view program) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-split-check").value(1).key("program").value(program).key("holds").value(check.holds());
  out.key("splits").begin_array();
  for (std::size_t s = 0; s < check.names.size(); ++s)
    out.begin_object()
        .key("name")
        .value(check.names[s])
        .key("images")
        .value(check.images[s])
        .key("touched")
        .value(check.touched[s])
        .end_object();
  out.end_array().key("images_in_no_split").value(check.unassigned).key("search");
  write_near(out, check);
  out.key("crossing").begin_object();
  for (std::size_t k = 0; k < link_kind_count; ++k)
    if (check.crossing[k] > 0) out.key(name(static_cast<LinkKind>(k))).value(check.crossing[k]);
  out.end_object().key("crossing_cuts").value(check.crossing_cuts);
  out.key("clusters")
      .begin_object()
      .key("count")
      .value(std::uint64_t{check.clusters.size()})
      .key("first")
      .begin_array();
  for (std::size_t c = 0; c < std::min(check.clusters.size(), most_clusters); ++c)
    write_cluster(out, d, check, check.clusters[c]);
  out.end_array().end_object().key("margin");
  if (check.margin_radius == 0) {
    out.null();
  } else {
    out.begin_object().key("radius").value(check.margin_radius).key("pairs").begin_array();
    for (const CrossingPair& pair : check.margin) write_pair(out, d, pair);
    out.end_array().end_object();
  }
  out.key("lock");
  if (check.lock)
    write_lock(out, d, *check.lock);
  else
    out.null();
  out.end_object();
  return canonical_written(text);
}

}  // namespace vetset
