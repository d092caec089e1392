// near_duplicates from Python: links between images as a table, and the clusters that they make.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "python/src/dataset.h"
#include "python/src/embeddings.h"
#include "python/src/running.h"
#include "vetset/dataset/columns.h"

namespace vetset::python {
namespace {

using Words = std::vector<std::string>;

/// What ties images together; of all that was found, the kinds that were asked for.
struct Linked {
  Shared source;
  std::shared_ptr<const Links> links;
  LinkKinds kinds = 0;
};

Linked links_of(const Opened& d, const Words& kinds, const std::string& near, std::optional<unsigned> radius,
                const Words& group_by, bool cache, const std::optional<std::string>& cache_path, unsigned threads,
                const nb::object& progress, const nb::object& embeddings, const nb::object& embeddings_paths) {
  const GivenEmbeddings given(embeddings, embeddings_paths);
  return run(progress, [&](const Progress& p) -> Result<Linked> {
    const Common common{.threads = threads, .progress = p};
    VETSET_TRY(const LinkKinds asked, parse_link_kinds(kinds));
    LinkOptions options{.settings = {.radius = radius}, .group_by = group_by, .common = common};
    VETSET_TRY(options.settings.near, parse_near(near));
    VETSET_TRY(const std::optional<Embeddings> rows, given.read(*d.source));
    if (rows) options.settings.embeddings = &*rows;
    VETSET_TRY(const Scan seen,
               scan(*d.source, {.cache = cache, .cache_path = cache_path.value_or(""), .common = common}));
    VETSET_TRY(Links found, links(*d.source, seen, options));
    return Linked{d.source, std::make_shared<const Links>(std::move(found)), asked};
  });
}

Frame links_table(const Linked& l) {
  auto shown = std::make_shared<std::vector<std::size_t>>();
  for (std::size_t k = 0; k < l.links->links.size(); ++k)
    if (has(l.kinds, l.links->links[k].kind)) shown->push_back(k);
  const auto of = [l, shown](auto value) {
    return [l, shown, value](std::size_t row) { return value(*l.links, l.links->links[(*shown)[row]]); };
  };
  const auto path = [source = l.source](ImageIndex i) { return std::optional(source->dataset.path(i)); };
  std::vector<Maker> makers;
  makers.push_back(words("first", of([path](const Links&, const Link& link) { return path(link.first); })));
  makers.push_back(words("second", of([path](const Links&, const Link& link) { return path(link.second); })));
  makers.push_back(plain<std::uint32_t>("first_index", of([](const Links&, const Link& link) {
                                          return std::optional(static_cast<std::uint32_t>(link.first));
                                        })));
  makers.push_back(plain<std::uint32_t>("second_index", of([](const Links&, const Link& link) {
                                          return std::optional(static_cast<std::uint32_t>(link.second));
                                        })));
  makers.push_back(words("kind", of([](const Links&, const Link& link) { return std::optional(name(link.kind)); })));
  makers.push_back(plain<std::uint32_t>("distance", of([](const Links&, const Link& link) {
                                          return link.distance == Link::no_distance
                                                     ? std::nullopt
                                                     : std::optional(std::uint32_t{link.distance});
                                        })));
  makers.push_back(plain<double>("score", of([](const Links&, const Link& link) {
                                   return link.score == 0 ? std::nullopt : std::optional(double{link.score});
                                 })));
  makers.push_back(plain<std::uint32_t>(
      "symmetry", of([](const Links&, const Link& link) { return std::optional(std::uint32_t{link.symmetry}); })));
  makers.push_back(words("text", of([](const Links& all, const Link& link) {
                           return link.text == 0 ? std::nullopt : std::optional(all.text(link));
                         })));
  makers.push_back(plain<bool>("cut", of([](const Links&, const Link& link) { return std::optional(link.cut); })));
  return {table_of(shown->size(), std::move(makers))};
}

/// Paths of the images of every group of two and more, in dataset order.
nb::list clusters_of(const Linked& l) {
  const Dataset& d = l.source->dataset;
  const Components groups = components(*l.links, d.images.size(), l.kinds & grouping_kinds);
  std::vector<std::vector<std::size_t>> images(groups.sizes.size());
  for (std::size_t i = 0; i < d.images.size(); ++i)
    if (groups.sizes[groups.of[i]] > 1) images[groups.of[i]].push_back(i);
  nb::list clusters;
  for (const std::vector<std::size_t>& of : images) {
    if (of.empty()) continue;
    nb::list paths;
    for (const std::size_t i : of) paths.append(text(d.path(to_index<ImageIndex>(i))));
    clusters.append(std::move(paths));
  }
  return clusters;
}

/// A dataset without the copies, or with attributes that tell of them; the one that was given where there are none.
struct Deduped {
  Opened source;
  std::string document;
};

Deduped dedup_source(const Opened& d, const std::string& keep, const std::string& action, const Words& kinds,
                     bool across_splits, const std::string& near, std::optional<unsigned> radius, bool cache,
                     const std::optional<std::string>& cache_path, unsigned threads, const nb::object& progress) {
  return run(progress, [&](const Progress& p) -> Result<Deduped> {
    const Common common{.threads = threads, .progress = p};
    DedupRules rules{.kinds = usual_kinds(across_splits), .across_splits = across_splits};
    VETSET_TRY(rules.keep, parse_keep_rule(keep));
    VETSET_TRY(rules.action, parse_dedup_action(action));
    if (!kinds.empty()) {
      VETSET_TRY(rules.kinds, parse_link_kinds(kinds));
    }
    LinkOptions options{.settings = {.radius = radius}, .common = common};
    VETSET_TRY(options.settings.near, parse_near(near));
    VETSET_TRY(const Scan seen,
               scan(*d.source, {.cache = cache, .cache_path = cache_path.value_or(""), .common = common}));
    VETSET_TRY(const Links found, links(*d.source, seen, options));
    Held copy = copy_of(*d.source);
    VETSET_TRY(DedupReport report, dedup(copy, seen, found, rules, common));
    return Deduped{{std::make_shared<const Held>(std::move(copy))}, std::move(report.document)};
  });
}

}  // namespace

void bind_links(nb::module_& m) {
  nb::class_<Linked>(m, "Linked", "What ties the images of a dataset together.")
      .def_prop_ro(
          "json", [](const Linked& l) { return text(links_document(*l.links, l.source->dataset)); },
          nb::sig("def json(self) -> str"), "All links as a document (docs/schema/links-v1.json).")
      .def_prop_ro("table", &links_table, "A row a link of the kinds that were asked for.")
      .def_prop_ro("clusters", &clusters_of, nb::sig("def clusters(self) -> list[list[str]]"),
                   "Paths of the images that such links tie together.");
  m.def("links", &links_of, nb::arg("source"), nb::arg("kinds"), nb::arg("near"), nb::arg("radius").none(),
        nb::arg("group_by"), nb::arg("cache"), nb::arg("cache_path").none(), nb::arg("threads"),
        nb::arg("progress").none(), nb::arg("embeddings").none(), nb::arg("embeddings_paths").none());
  nb::class_<Deduped>(m, "Deduped", "What leaving out copies came to.")
      .def_ro("source", &Deduped::source)
      .def_prop_ro(
          "json", [](const Deduped& e) { return text(e.document); }, nb::sig("def json(self) -> str"),
          "The step's document (docs/schema/dedup-v1.json); empty: there were none.");
  m.def("dedup", &dedup_source, nb::arg("source"), nb::arg("keep"), nb::arg("action"), nb::arg("kinds"),
        nb::arg("across_splits"), nb::arg("near"), nb::arg("radius").none(), nb::arg("cache"),
        nb::arg("cache_path").none(), nb::arg("threads"), nb::arg("progress").none());
}

}  // namespace vetset::python
