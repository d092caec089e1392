// Level 2: do the labels, and the images they are bound to, say what the manifest says. A sealed folder has them twice,
// as authored and as tables: both must.
#include "vetset/base/tree_shards.h"
#include "vetset/dataset/canonical.h"
#include "vetset/formats/format.h"
#include "vetset/package/levels.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/sealed_tables.h"

namespace vetset {
namespace {

/// What labels were found to say.
struct Said {
  Digest labels_id, dataset_id;
  std::size_t images = 0, objects = 0;
};
Result<Said> what_they_say(const Subject& subject, const Tree& files, const Format& format) {
  const auto& [tree, m, package, request, pool, progress] = subject;
  VETSET_TRY(
      const Reading reading,
      format.read(
          files,
          {.only = {}, .images = nullptr, .limits = {}, .pool = pool, .progress = progress, .probe_images = false}));
  const Dataset& d = reading.dataset;
  const ShardedTree shards(files);
  VETSET_TRY(const Identity labels, labels_identity(d, pool));
  VETSET_TRY(const Identity whole, dataset_identity(d, media_of(d, m.files, shards, pool, progress), pool));
  return Said{labels.id, whole.id, d.images.size(), d.annotations.size()};
}

/// Holds what labels say against the manifest; `which` are "labels" or "tables".
bool as_stated(const Manifest& m, const Result<Said>& said, std::string_view which, std::string where, Ledger& out) {
  if (!said) {
    out.error({"L2",
               "E_LABELS",
               std::move(where),
               {},
               {},
               "the " + std::string(which) + " cannot be read: " + to_string(said.error())});
    return false;
  }
  if (said->dataset_id == m.dataset_id) return true;
  out.error({"L2", "E_TABLE_ROOT", std::move(where), m.dataset_id.text(), said->dataset_id.text(),
             "the " + std::string(which) +
                 (said->labels_id == m.labels_id ? " are as sealed, but the images they belong to are not"
                                                 : " say something else than what was sealed")});
  return false;
}

}  // namespace

void compare_identity(const Subject& subject, const FileSets& sets, Ledger& out) {
  const auto& [tree, m, package, request, pool, progress] = subject;
  const auto stated = ids_of(m.dataset);
  if (!stated || stated->dataset_id != m.dataset_id || stated->labels_id != m.labels_id) {
    out.error({"L2",
               "E_DATASET_ID",
               {},
               m.dataset_id.text(),
               stated ? stated->dataset_id.text() : std::string(),
               "the manifest's ids are not those of its tables"});
    return;
  }
  const ListedTree listed(tree, sets.listed);
  bool good = true;
  if (m.form == Form::sealed && SealedTables::has_tables(listed)) {
    const Format* const tables = find_format("vetset");
    VETSET_ASSERT(tables != nullptr, "packages are a format");
    const SealedTables package_of_it(listed);
    const auto said = what_they_say(subject, package_of_it, *tables);
    if (!said && said.error().code == Code::unsupported)
      out.v.not_checked.push_back("tables: " + said.error().message);
    else
      good = as_stated(m, said, "tables", std::string(paths_of(m.form).added) + "tables", out);
  }
  const Format* format = find_format(m.format);
  if (format == nullptr) {
    out.v.not_checked.push_back("labels: this vetset does not read the format '" + m.format + "'");
    return;
  }
  const ListedTree authored(tree, m.form == Form::sealed ? authored_paths(sets.listed) : sets.listed);
  const auto said = what_they_say(subject, authored, *format);
  if (said) {
    out.v.labels_id = said->labels_id.text();
    out.v.dataset_id = said->dataset_id.text();
  }
  if (as_stated(m, said, "labels", {}, out) && good)
    out.ok("L2", "images=" + std::to_string(said->images) + " objects=" + std::to_string(said->objects));
}

}  // namespace vetset
