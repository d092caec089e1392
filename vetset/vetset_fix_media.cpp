#include "vetset/vetset_fix_media.h"

#include <memory>

#include "vetset/base/json.h"
#include "vetset/base/tree_rewritten.h"
#include "vetset/image/turn.h"

namespace vetset {
namespace {

Result<std::string> changed(MediaChange change, std::string_view file) {
  switch (change) {
    case MediaChange::turn: return turned_without_loss(file);
    case MediaChange::turn_anew: return turned_anew(file);
    case MediaChange::untag: return without_orientation(file);
    case MediaChange::none: break;
  }
  return Error{Code::defect, "no change of a file was asked for"};
}

void write_side(JsonWriter& out, std::string_view key, std::uint64_t bytes, const Digest& digest) {
  out.key(key).begin_object().key("bytes").value(bytes).key("sha256").value(digest.hex()).end_object();
}

}  // namespace

bool MediaWork::possible(const Source& source, std::string_view path, MediaChange change) {
  const auto [place, is_new] = outcomes_.try_emplace({std::string(path), change});
  Outcome& outcome = place->second;
  if (!is_new) return outcome.possible;
  const auto bytes = source.media().read(path);
  if (!bytes) return false;
  const auto made = changed(change, *bytes);
  if (!made) return false;
  outcome = {.possible = true,
             .bytes_before = bytes->size(),
             .bytes_after = made->size(),
             .before = sha256(*bytes),
             .after = sha256(*made)};
  return true;
}

const MediaWork::Outcome& MediaWork::outcome(std::string_view path, MediaChange change) const {
  return outcomes_.at({std::string(path), change});
}

void MediaWork::tell(const Dataset& before, std::vector<Edit>& edits, std::span<const Workbench::Edit> made) const {
  auto edit = edits.begin();
  for (const Workbench::Edit& e : made) {
    if (e.media == MediaChange::none) continue;
    while (edit != edits.end() && edit->media == MediaChange::none) ++edit;
    if (edit == edits.end()) return;
    const std::string_view path = before.text(before[ImageIndex{e.index}].media);
    const Outcome& of = outcome(path, e.media);
    std::string json;
    JsonWriter out(json);
    out.begin_object().key("change").value(name(e.media)).key("path").value(path);
    write_side(out, "before", of.bytes_before, of.before);
    write_side(out, "after", of.bytes_after, of.after);
    out.end_object();
    edit->more.emplace_back("media", canonical_written(json));
    ++edit;
  }
}

void MediaWork::carry_out(Source& source, const Dataset& before, std::span<const Workbench::Edit> made) const {
  std::map<std::string, std::uint64_t, std::less<>> sizes;
  std::map<std::string, MediaChange, std::less<>> changes;
  for (const Workbench::Edit& e : made) {
    if (e.media == MediaChange::none) continue;
    const std::string path(before.text(before[ImageIndex{e.index}].media));
    changes.emplace(path, e.media);
    sizes.emplace(path, outcome(path, e.media).bytes_after);
  }
  if (changes.empty()) return;
  std::unique_ptr<Tree>& tree = source.images ? source.images : source.tree;
  for (const auto& [path, change] : changes) source.originals.push_back({tree.get(), path});
  tree = std::make_unique<RewrittenTree>(
      std::move(tree), std::move(sizes),
      [changes = std::move(changes)](std::string_view path, const Bytes& original) -> Result<std::string> {
        const auto change = changes.find(path);
        return changed(change == changes.end() ? MediaChange::none : change->second, original);
      });
}

}  // namespace vetset
