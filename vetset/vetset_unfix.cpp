// unfix: reads the list of edits that fix wrote, and takes them back, the last round first.
#include <algorithm>
#include <map>

#include "vetset/base/json.h"
#include "vetset/base/tree_rewritten.h"
#include "vetset/base/tree_shards.h"
#include "vetset/dataset/canonical.h"
#include "vetset/dataset/undo.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

/// The document in canonical form, and what it says.
struct FixList {
  std::string text;
  std::map<std::int64_t, std::vector<ListedEdit>> rounds;
  std::string labels_before;
  std::uint64_t edits = 0, consequences = 0;
};

Error unreadable(std::string message) { return Error{Code::malformed, "list of edits: " + std::move(message)}; }

Result<void> read_edit(JsonCursor& in, FixList& list) {
  const std::string place = "edit " + std::to_string(list.edits + list.consequences + 1) + ": ";
  if (in.type() != JsonType::object) return unreadable(place + "expected an object");
  ListedEdit edit;
  NumberText round;
  bool follows = false, has_after = false;
  for (in.enter_object(); in.next_member();) {
    const std::string key(in.key());
    const auto text = [&](std::string& to) -> Result<void> {
      if (in.type() != JsonType::string) return unreadable(place + "expected a text as '" + key + "'");
      to = in.read_string();
      return {};
    };
    if (key == "record") {
      VETSET_DO(text(edit.record));
    } else if (key == "where" && in.type() == JsonType::string) {
      VETSET_DO(text(edit.where));
    } else if (key == "round") {
      if (in.type() != JsonType::number) return unreadable(place + "expected a number as 'round'");
      round = in.read_number();
    } else if (key == "before" || key == "after") {
      has_after = has_after || key == "after";
      if (in.read_null()) continue;
      if (in.type() != JsonType::object) return unreadable(place + "expected a row as '" + key + "'");
      (key == "before" ? edit.before : edit.after) = in.skip();
    } else {
      follows = follows || key == "because";
      edit.more.emplace_back(key, in.skip());
    }
  }
  const bool added = edit.before.empty() && !edit.after.empty() && edit.record == "annotation";
  if (edit.record.empty() || (edit.before.empty() && !added) || !has_after || !round.fits_int64)
    return unreadable(place + "expected 'record', 'round', 'before' and 'after'");
  ++(follows ? list.consequences : list.edits);
  list.rounds[round.whole].push_back(std::move(edit));
  return {};
}

Result<FixList> read_fix_list(const std::string& document) {
  FixList list;
  Result<std::string> canonical = canonical_json(document);
  if (!canonical) return unreadable(canonical.error().message);
  list.text = *std::move(canonical);
  JsonCursor in(list.text);
  if (in.type() != JsonType::object) return unreadable("expected an object, as 'vetset fix' writes it");
  bool known = false, has_edits = false;
  for (in.enter_object(); in.next_member();) {
    const std::string key(in.key());
    if (key == "vetset-fix" || key == "vetset-dedup") {
      const std::string_view version_of = in.skip();
      if (version_of != "1")
        return Error{Code::unsupported,
                     "list of edits: is of version " + std::string(version_of) + "; this program reads version 1"};
      known = true;
    } else if (key == "labels" && in.type() == JsonType::object) {
      for (in.enter_object(); in.next_member();) {
        const bool before = in.key() == "before" && in.type() == JsonType::string;
        if (before)
          list.labels_before = in.read_string();
        else
          in.skip();
      }
    } else if (key == "edits" && in.type() == JsonType::array) {
      has_edits = true;
      for (in.enter_array(); in.next_element();) VETSET_DO(read_edit(in, list));
    } else {
      in.skip();
    }
  }
  if (!known || !has_edits || list.labels_before.empty())
    return unreadable("expected 'vetset-fix', 'edits' and 'labels', as 'vetset fix' writes them");
  return list;
}

/// A file as it was: in the folder beside the list, or below the tree that shows what became of it.
struct Kept {
  const Tree* tree = nullptr;
  std::string path;
};
Result<Kept> kept_of(const RestoredMedia& m, const Source& source, const Tree* beside, const std::string& folder) {
  std::vector<Kept> places;
  if (beside != nullptr)
    places.push_back({beside, m.was});
  else
    for (const Source::Original& o : source.originals)
      if (o.path == m.was) places.push_back({o.tree, o.path});
  for (const Kept& place : places) {
    VETSET_TRY(const Bytes then, place.tree->read(place.path));
    if (sha256(then).hex() == m.was_sha256) return place;
  }
  if (places.empty())
    return Error{Code::not_found, "expected the files as they were, which 'vetset fix' keeps beside the list of edits",
                 m.path};
  return Error{Code::not_found, "expected this file as the list of edits says that it was",
               beside == nullptr ? m.was : join_path(folder, m.was)};
}

/// The files that were changed, as they were: kept beside the list, and known by their digests.
Result<void> show_originals(Source& source, const std::vector<RestoredMedia>& media, const std::string& folder) {
  std::unique_ptr<Tree>& tree = source.images ? source.images : source.tree;
  std::map<std::string, std::uint64_t, std::less<>> sizes;
  std::map<std::string, const RestoredMedia*, std::less<>> changed;
  const auto real = [&](const std::string& path) {  // it may be called otherwise by now
    for (const RestoredMedia& m : media)
      if (m.was.empty() && m.path == path) return m.real;
    return path;
  };
  for (const RestoredMedia& m : media)
    if (!m.was.empty()) changed.emplace(real(m.path), &m);
  if (changed.empty()) return {};
  std::shared_ptr<const Tree> beside;
  if (!folder.empty()) {
    VETSET_TRY(beside, open_folder(folder));
  }
  std::map<std::string, Kept, std::less<>> originals;
  for (const auto& [path, m] : changed) {
    VETSET_TRY(const Bytes now, tree->read(path));
    if (sha256(now).hex() != m->is_sha256)
      return Error{Code::not_found, "expected this file as the list of edits says that it was left", path};
    VETSET_TRY(Kept kept, kept_of(*m, source, beside.get(), folder));
    VETSET_TRY(const std::uint64_t size, kept.tree->size(kept.path));
    sizes.emplace(path, size);
    originals.emplace(path, std::move(kept));
    const auto& was = m->was;
    std::erase_if(source.originals, [&](const Source::Original& o) { return o.path == was; });
  }
  tree = std::make_unique<RewrittenTree>(
      std::move(tree), std::move(sizes),
      [beside, originals = std::move(originals)](std::string_view path, const Bytes&) -> Result<std::string> {
        const Kept& kept = originals.find(path)->second;
        VETSET_TRY(const Bytes then, kept.tree->read(kept.path));
        return std::string(std::string_view(then));
      });
  return {};
}

}  // namespace

Result<UndoReport> unfix(Source& source, const std::string& document, const Common& common,
                         const std::string& originals) {
  VETSET_TRY(const FixList list, read_fix_list(document));
  const Pool pool(common.threads);
  UndoReport report{.edits = list.edits, .consequences = list.consequences, .before = counts_of(source.dataset)};
  Dataset d = source.dataset;
  std::vector<RestoredMedia> media;
  for (auto round = list.rounds.rbegin(); round != list.rounds.rend(); ++round) {
    if (common.progress.stopped()) return Error{Code::cancelled, "stopped while taking edits back"};
    VETSET_DO(take_back(d, round->second, pool, media));
    if (const auto problem = d.inconsistency()) return unreadable("contradicts itself: " + *problem);
  }
  for (Image& image : d.images)  // one that was left out, with the images of the original at hand
    if (image.media.empty() && source.media().contains(d.text(image.path))) image.media = image.path;
  VETSET_TRY(const Identity labels, labels_identity(d, pool));
  report.labels_id = labels.id.text();
  report.exact = report.labels_id == list.labels_before;
  report.after = counts_of(d);
  VETSET_DO(show_originals(source, media, originals));
  std::unique_ptr<Tree>& tree = source.images ? source.images : source.tree;
  source.dataset = std::move(d);
  source.findings.clear();  // they speak of records that are others now
  source.finding_counts.clear();
  std::vector<RenamedTree::Name> names;
  for (RestoredMedia& m : media)
    if (m.was.empty() && !tree->contains(m.path)) names.push_back({std::move(m.path), std::move(m.real)});
  if (!names.empty()) tree = std::make_unique<RenamedTree>(std::move(tree), std::move(names));
  return report;
}

}  // namespace vetset
