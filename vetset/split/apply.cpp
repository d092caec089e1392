// The splits of a plan put into a dataset in place of its own, and what crosses them counted afterwards.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "vetset/base/tree.h"
#include "vetset/dataset/edit.h"
#include "vetset/split/split.h"

namespace vetset {
namespace {

/// The path of an image without the folder of the split that it was in: "train/images/a.jpg" → "a.jpg".
std::string_view without_split(const Dataset& d, std::span<const SplitIndex> splits, std::string_view path) {
  for (const SplitIndex s : splits) {
    const std::string& folder = d[s].folder;
    if (!folder.empty() && path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/')
      return path.substr(folder.size() + 1);
  }
  return path;
}

/// Images are no longer below the folders of their old splits; those that would get the name of another stay.
void rename_images(Dataset& d) {
  const Dataset::ImageSplits splits = d.image_splits();
  std::unordered_map<std::string, std::uint32_t> taken;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const auto image = to_index<ImageIndex>(i);
    names.emplace_back(without_split(d, splits.of(image), d.path(image)));
    ++taken[names.back()];
  }
  for (std::size_t i = 0; i < d.images.size(); ++i)
    if (taken[names[i]] == 1 && names[i] != d.path(to_index<ImageIndex>(i))) d.images[i].path = d.add_text(names[i]);
}

template <class Row>
void drop_split_rows(Column<Row>& rows) {
  Column<Row> kept;
  for (const Row& row : rows)
    if (row.owner != Owner::split) kept.push_back(row);
  rows = std::move(kept);
}

/// What all documents say of themselves, each new one says too; where they differ it stays behind, and that is told.
Split common_split(const Dataset& d, std::vector<std::string>& notes) {
  Split common;
  common.origin = SplitOrigin::none;
  if (d.splits.empty()) return common;
  const Split& first = d.splits.front();
  const auto all = [&](auto member) {
    return std::all_of(d.splits.begin(), d.splits.end(), [&](const Split& s) { return s.*member == first.*member; });
  };
  if (all(&Split::info))
    common.info = first.info;
  else
    notes.push_back("the documents say different things of themselves (info), which the new ones do not repeat");
  if (all(&Split::residue))
    common.residue = first.residue;
  else
    notes.push_back("the documents have different further keys, which the new ones do not repeat");
  return common;
}

}  // namespace

Dataset with_splits(Dataset d, SplitReport& report) {
  const bool of_documents = std::any_of(d.splits.begin(), d.splits.end(), [](const Split& s) {
    return s.file != none<FileIndex> && s.origin != SplitOrigin::list;
  });
  rename_images(d);
  const Split common = common_split(d, report.notes);
  for (const auto* rows : {&d.residues})
    if (std::any_of(rows->begin(), rows->end(), [](const Residue& r) { return r.owner == Owner::split; }))
      report.notes.push_back("keys of documents that formats carry along stay behind");
  drop_split_rows(d.residues);
  drop_split_rows(d.attributes);
  for (File& file : d.files) file.split = none<SplitIndex>;
  for (Licence& licence : d.licences) licence.split = none<SplitIndex>;
  d.category_listings = {};
  d.splits.clear();
  for (const std::string& name : report.settings.names) {
    Split split = common;
    split.name = name;
    split.role = split_role(name);
    d.splits.push_back(std::move(split));
  }
  d.memberships = {};
  for (std::size_t s = 0; s < d.splits.size(); ++s) {
    std::uint32_t order = 0;
    for (std::size_t i = 0; i < report.of.size(); ++i)
      if (report.of[i] == s)
        d.memberships.push_back({.split = to_index<SplitIndex>(s), .image = to_index<ImageIndex>(i), .order = order++});
  }
  // Records of one document stand in several now: no position, and no layout of the source, holds any longer.
  d.image_positions = {};
  d.annotation_positions = {};
  if (of_documents) d.format.clear();
  if (std::find(report.of.begin(), report.of.end(), SplitReport::nowhere) == report.of.end()) return d;
  Selection stays;
  for (const std::uint32_t split : report.of) stays.images.push_back(split != SplitReport::nowhere);
  return selected(std::move(d), stays).dataset;
}

void measure_crossings(const Dataset& d, const SplitInput& input, SplitReport& report) {
  const Dataset::ImageSplits splits = d.image_splits();
  std::vector<std::uint32_t> source;  // images of `d` are those of the report that are somewhere, in order
  std::vector<ImageIndex> now(report.of.size(), none<ImageIndex>);
  for (std::uint32_t i = 0; i < report.of.size(); ++i)
    if (report.of[i] != SplitReport::nowhere) now[i] = to_index<ImageIndex>(source.size()), source.push_back(i);
  VETSET_ASSERT(source.size() == d.images.size(), "what is in no quarantine is in the dataset");
  const auto count_crossing = [&](auto&& key_of) {
    std::map<std::string, std::set<SplitIndex>> met;
    for (std::size_t j = 0; j < source.size(); ++j)
      if (std::string key = key_of(source[j]); !key.empty())
        for (const SplitIndex s : splits.of(to_index<ImageIndex>(j))) met[key].insert(s);
    return static_cast<std::uint64_t>(
        std::count_if(met.begin(), met.end(), [](const auto& entry) { return entry.second.size() > 1; }));
  };
  const auto& facts = input.facts;
  report.crossing_files =
      count_crossing([&](std::uint32_t i) { return facts[i].has_digest ? facts[i].digest.hex() : std::string(); });
  report.crossing_keys = 0;
  for (const Keys& k : input.keys) report.crossing_keys += count_crossing([&](std::uint32_t i) { return k.of[i]; });
  report.crossing_links = report.crossing_cuts = 0;
  if (input.links == nullptr) return;
  for (const Link& link : input.links->links) {
    const ImageIndex a = now[to_size(link.first)], b = now[to_size(link.second)];
    if (!has(grouping_kinds, link.kind) || a == none<ImageIndex> || b == none<ImageIndex>) continue;
    const auto of_a = splits.of(a), of_b = splits.of(b);
    if (std::equal(of_a.begin(), of_a.end(), of_b.begin(), of_b.end())) continue;
    ++(link.cut ? report.crossing_cuts : report.crossing_links);
  }
}

}  // namespace vetset
