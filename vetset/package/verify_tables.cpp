// Level 2: do the labels, and the images they are bound to, say what the manifest says. Of a package of tables the
// tables are read row by row; label files are read by the reader of their format.
#include <algorithm>
#include <map>

#include "vetset/base/json.h"
#include "vetset/base/tree_shards.h"
#include "vetset/dataset/canonical.h"
#include "vetset/formats/format.h"
#include "vetset/formats/vetset/vetset.h"
#include "vetset/package/levels.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/sealed_tables.h"
#include "vetset/package/table_roots.h"

namespace vetset {
namespace {

constexpr std::size_t most_told = 20;  // samples whose images are others

/// Tells of samples whose images are not what their rows say.
class MediaJudge {
 public:
  MediaJudge(const Manifest& m, std::vector<MemberFault> faults, Ledger& out)
      : manifest_(m), faults_(std::move(faults)), out_(out) {}

  std::optional<TableListener::File> file_of(std::uint64_t row, std::string_view sample_id, const MediaPlace& place) {
    while (next_ < faults_.size() && faults_[next_].row < row) ++next_;
    if (next_ < faults_.size() && faults_[next_].row == row)
      tell(sample_id, place.sha256, faults_[next_].actual, faults_[next_].words);
    if (place.path.empty()) {
      const auto digest = parse_digest(place.sha256);
      if (manifest_.media != "external" || !digest) return std::nullopt;
      ++elsewhere_;
      return TableListener::File{*digest, place.size};
    }
    if (!place.shard.empty()) {
      const auto digest = parse_digest(place.sha256);
      if (!digest || find_file(manifest_.files, place.shard) == nullptr) return std::nullopt;
      return TableListener::File{*digest, place.size};
    }
    const ManifestFile* const listed = find_file(manifest_.files, place.path);
    if (listed == nullptr) return std::nullopt;
    if (listed->digest.hex() != place.sha256 || listed->size != place.size)
      tell(sample_id, place.sha256, listed->digest.hex(), "the manifest lists " + place.path + " with other bytes");
    return TableListener::File{listed->digest, listed->size};
  }
  void finish() const {
    if (elsewhere_ != 0)
      out_.v.not_checked.push_back("the images: they lie elsewhere, and digests of " + std::to_string(elsewhere_) +
                                   " are sealed here");
    if (told_ > most_told)
      out_.error({"L2", "E_MEDIA_DIGEST", {}, {}, {}, "and " + std::to_string(told_ - most_told) + " more samples"});
  }

 private:
  void tell(std::string_view sample_id, std::string expected, std::string actual, std::string words) {
    if (told_++ >= most_told) return;
    out_.error({"L2", "E_MEDIA_DIGEST", "sample=" + std::string(sample_id) + " key=" + key_of_sample(sample_id),
                std::move(expected), std::move(actual), std::move(words)});
  }

  const Manifest& manifest_;
  std::vector<MemberFault> faults_;
  std::size_t next_ = 0, told_ = 0, elsewhere_ = 0;
  Ledger& out_;
};

/// What the manifest states of a table, or of the media.
struct StatedRoot {
  std::string root;
  std::string rows;
};
std::map<std::string, StatedRoot> stated_roots(const Manifest& m) {
  std::map<std::string, StatedRoot> roots;
  const auto dataset = Json::parse(m.dataset);
  if (!dataset) return roots;
  if (const Json* media = dataset->find("media"))
    if (const Json* count = media->find("count"))
      roots["media"] = {std::string(media->text_or("root", "")), std::string(count->text())};
  if (const Json* tables = dataset->find("tables"))
    for (const auto& [name, table] : tables->members())
      if (const Json* rows = table.find("rows"))
        roots[name] = {std::string(table.text_or("root", "")), std::string(rows->text())};
  return roots;
}

/// Whether a file was told to hold other bytes than those that are listed.
bool has_other_bytes(const Ledger& out, std::string_view path) {
  return std::any_of(out.v.lines.begin(), out.v.lines.end(), [&](const VerifyLine& line) {
    return (line.code == "E_DIGEST" || line.code == "E_SIZE") && line.where == path;
  });
}

/// Table by table, what is there against what the manifest states: whether it is the same. `document` is the `dataset`
/// object that was found.
bool compare_roots(const Subject& subject, const std::string& document, std::string_view folder, Ledger& out) {
  Manifest found;
  found.dataset = document;
  const auto stated = stated_roots(subject.manifest), actual = stated_roots(found);
  std::vector<std::string> names;
  for (const auto* side : {&stated, &actual})
    for (const auto& [name, root] : *side) names.push_back(name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const StatedRoot nothing{"no rows", "0"};
  bool same = true;
  for (const std::string& name : names) {
    const auto expected = stated.find(name), got = actual.find(name);
    const StatedRoot& e = expected == stated.end() ? nothing : expected->second;
    const StatedRoot& g = got == actual.end() ? nothing : got->second;
    if (name != "media" && e.rows != g.rows)
      out.error({"L2", "E_PARQUET_STATS", name, e.rows, g.rows, "rows; the manifest states another number"});
    same = same && e.root == g.root;
    if (e.root != g.root) {
      out.error({"L2", "E_TABLE_ROOT", name, e.root, g.root,
                 name == "media" ? "the images that samples are bound to are not those that were sealed"
                                 : "the rows say something else than what was sealed"});
    } else if (has_other_bytes(out, std::string(folder) + package_table_path(name))) {
      out.error({"L2",
                 "E_ROW_ORDER",
                 name,
                 {},
                 {},
                 "same data, other bytes: rows in another order, or written by another tool"});
    }
  }
  return same;
}

/// How many images and objects labels have that are as they were sealed.
struct HowMany {
  std::uint64_t images = 0, objects = 0;
};

/// `tables` shows the tables at `package_table_path`; `folder` is where they really lie. Nothing where they are not as
/// they were sealed, or could not be read.
std::optional<HowMany> compare_tables(const Subject& subject, const Tree& tables, std::string_view folder,
                                      Ledger& out) {
  const Manifest& m = subject.manifest;
  const std::size_t told = out.v.lines.size();
  MediaJudge judge(m, out.members.take_faults(), out);
  TableListener listener;
  listener.fault = [&](std::string code, std::string_view table, std::string words) {
    out.error({"L2", std::move(code), std::string(table), {}, {}, std::move(words)});
  };
  listener.media = [&](std::uint64_t row, std::string_view sample_id, const MediaPlace& place) {
    return judge.file_of(row, sample_id, place);
  };
  const auto roots = roots_of_tables(tables, listener, subject.pool, subject.progress);
  judge.finish();
  if (!roots) {
    Error error = roots.error();
    if (error.code == Code::unsupported) {
      out.v.not_checked.push_back("tables: " + error.message);
      return std::nullopt;
    }
    const std::string where = error.file.empty() ? std::string() : std::string(folder) + error.file;
    error.file.clear();
    if (error.code == Code::limit)
      out.error({"L2", "E_PARQUET_LIMIT", where, {}, {}, to_string(error)});
    else if (error.code == Code::untrusted)
      out.error({"L2", "E_PARQUET_STATS", where, {}, {}, to_string(error)});
    else
      out.error({"L2", "E_LABELS", where, {}, {}, "the tables cannot be read: " + to_string(error)});
    return std::nullopt;
  }
  const Identity& identity = roots->identity;
  out.v.labels_id = identity.labels_id.text();
  out.v.dataset_id = identity.id.text();
  if (!compare_roots(subject, identity.document, folder, out) || out.v.lines.size() > told) return std::nullopt;
  if (identity.id != m.dataset_id) {
    out.error({"L2",
               "E_TABLE_ROOT",
               {},
               m.dataset_id.text(),
               identity.id.text(),
               "the tables have values in other columns than those that were sealed"});
    return std::nullopt;
  }
  return HowMany{roots->samples, roots->annotations};
}

/// The labels as their format's own reader reads them.
std::optional<HowMany> compare_labels(const Subject& subject, const FileSets& sets, Ledger& out) {
  const auto& [tree, m, package, request, pool, progress] = subject;
  const Format* format = find_format(m.format);
  if (format == nullptr) {
    out.v.not_checked.push_back("labels: this vetset does not read the format '" + m.format + "'");
    return std::nullopt;
  }
  const ListedTree listed(tree, authored_paths(sets.listed));
  auto reading = format->read(
      listed, {.only = {}, .images = nullptr, .limits = {}, .pool = pool, .progress = progress, .probe_images = false});
  if (!reading) {
    out.error({"L2", "E_LABELS", {}, {}, {}, "the labels cannot be read: " + to_string(reading.error())});
    return std::nullopt;
  }
  const ShardedTree shards(listed);
  const auto whole =
      dataset_identity(reading->dataset, media_of(reading->dataset, m.files, shards, pool, progress), pool);
  if (!whole) {
    out.error({"L2", "E_LABELS", {}, {}, {}, to_string(whole.error())});
    return std::nullopt;
  }
  out.v.labels_id = whole->labels_id.text();
  out.v.dataset_id = whole->id.text();
  if (whole->id != m.dataset_id) {
    out.error({"L2",
               "E_TABLE_ROOT",
               {},
               m.dataset_id.text(),
               whole->id.text(),
               whole->labels_id == m.labels_id ? "the labels are as sealed, but the images they belong to are not"
                                               : "the labels say something else than what was sealed"});
    return std::nullopt;
  }
  return HowMany{reading->dataset.images.size(), reading->dataset.annotations.size()};
}

}  // namespace

void plan_members(const Subject& subject, const FileSets& sets, Ledger& out) {
  const std::string samples = package_table_path("samples");
  if (subject.manifest.form != Form::directory || subject.manifest.media != "shards" ||
      !std::binary_search(sets.listed.begin(), sets.listed.end(), std::string_view(samples)))
    return;
  const ListedTree listed(subject.tree, sets.listed);
  // What is wrong with the table, level 2 says when it reads it.
  const auto plan = [&](std::uint64_t rows, std::uint64_t row, std::string_view, MediaPlace&& place) {
    if (place.shard.empty()) return;
    if (row == 0) out.members.reserve(std::min<std::uint64_t>(rows, 1 << 22));
    const auto digest = parse_digest(place.sha256);
    out.members.add(place.shard, {.offset = place.offset,
                                  .size = place.size,
                                  .digest = digest ? *digest : Digest{},
                                  .name = member_name_hash(base_name(place.path)),
                                  .row = static_cast<std::uint32_t>(row)});
  };
  (void)each_media_place(listed, subject.progress, plan);
  out.members.arrange();
}

void compare_identity(const Subject& subject, const FileSets& sets, Ledger& out) {
  const Manifest& m = subject.manifest;
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
  const ListedTree listed(subject.tree, sets.listed);
  const bool is_package = m.form == Form::directory && m.format == "vetset";
  const bool has_both = m.form == Form::sealed && SealedTables::has_tables(listed);
  const std::size_t told = out.v.not_checked.size();
  std::optional<HowMany> tables, labels;
  if (is_package) tables = compare_tables(subject, listed, {}, out);
  if (has_both) tables = compare_tables(subject, SealedTables(listed), paths_of(m.form).added, out);
  if (!is_package) labels = compare_labels(subject, sets, out);
  const bool tables_good = tables || !(is_package || has_both) || out.v.not_checked.size() > told;
  const std::optional<HowMany>& counts = is_package ? tables : labels;
  if (counts && tables_good)
    out.ok("L2", "images=" + std::to_string(counts->images) + " objects=" + std::to_string(counts->objects));
}

}  // namespace vetset
