// Joining a result with its source by the map that the writer made.
#include "vetset/dataset/compare_join.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "vetset/base/text_index.h"

namespace vetset {

Text Emission::add_text(std::string_view bytes) {
  const Text text{.begin = texts.size(), .size = static_cast<std::uint32_t>(bytes.size())};
  texts.append(std::span(bytes.data(), bytes.size()));
  return text;
}

void set_annotations(Join& join, std::size_t count_before, const AnnotationPairs& pairs) {
  join.annotation_begin = Column<std::uint32_t>(count_before + 1, 0);
  for (const AnnotationIndex i : pairs.before) ++join.annotation_begin[to_size(i) + 1];
  for (std::size_t i = 0; i < count_before; ++i) join.annotation_begin[i + 1] += join.annotation_begin[i];
  join.annotations = Column<AnnotationIndex>(pairs.after.size(), none<AnnotationIndex>);
  Column<std::uint32_t> next = join.annotation_begin;
  for (std::size_t k = 0; k < pairs.before.size(); ++k)
    join.annotations[next[to_size(pairs.before[k])]++] = pairs.after[k];
}

void set_image_sources(Join& join, std::size_t count_after) {
  join.image_sources = Column<ImageIndex>(count_after, none<ImageIndex>);
  for (std::size_t i = 0; i < join.images.size(); ++i)
    if (join.images[i] != none<ImageIndex>) join.image_sources[to_size(join.images[i])] = to_index<ImageIndex>(i);
}

void join_licences(Join& join, const Dataset& before, const Dataset& after) {
  join.licences = Column<LicenceIndex>(before.licences.size(), none<LicenceIndex>);
  std::vector<bool> taken(after.licences.size(), false);
  const auto split_of = [&](const Licence& l) {
    return l.split == none<SplitIndex> ? l.split : join.splits[to_size(l.split)];
  };
  const auto pass = [&](const auto& fits, bool by_id = false) {
    for (std::size_t i = 0; i < before.licences.size(); ++i) {
      if (join.licences[i] != none<LicenceIndex>) continue;
      for (std::size_t j = 0; j < after.licences.size(); ++j) {
        if (taken[j] || !fits(before.licences[i], after.licences[j])) continue;
        if (by_id && before.id_json(before.licence_ids, i) != after.id_json(after.licence_ids, j)) continue;
        join.licences[i] = to_index<LicenceIndex>(j);
        taken[j] = true;
        break;
      }
    }
  };
  const auto same_words = [](const Licence& a, const Licence& b) { return a.name == b.name && a.url == b.url; };
  const auto same_place = [&](const Licence& a, const Licence& b) {
    return same_words(a, b) && split_of(a) == b.split;
  };
  pass(same_place, true);
  pass(same_place);
  pass(same_words);
  pass([&](const Licence& a, const Licence& b) { return split_of(a) == b.split; });
}

namespace {

/// The records of each file of a dataset, found by number.
class Records {
 public:
  struct Row {
    FileIndex file;
    std::uint32_t order;
    std::uint32_t index;
  };
  Records(std::vector<Row> rows, std::size_t files) : rows_(std::move(rows)), begin_(files + 1, 0) {
    const auto less = [](const Row& a, const Row& b) { return a.file != b.file ? a.file < b.file : a.order < b.order; };
    if (!std::is_sorted(rows_.begin(), rows_.end(), less)) std::stable_sort(rows_.begin(), rows_.end(), less);
    for (const Row& row : rows_) ++begin_[to_size(row.file) + 1];
    for (std::size_t f = 0; f < files; ++f) begin_[f + 1] += begin_[f];
  }
  /// The index of record `order` of a file; `otherwise` where there is none.
  std::uint32_t find(FileIndex file, std::uint32_t order, std::uint32_t otherwise) const {
    const std::span<const Row> rows =
        std::span(rows_).subspan(begin_[to_size(file)], begin_[to_size(file) + 1] - begin_[to_size(file)]);
    if (order < rows.size() && rows[order].order == order) return rows[order].index;  // no gaps: the usual case
    const auto found =
        std::lower_bound(rows.begin(), rows.end(), order, [](const Row& r, std::uint32_t o) { return r.order < o; });
    return found != rows.end() && found->order == order ? found->index : otherwise;
  }

 private:
  std::vector<Row> rows_;
  std::vector<std::size_t> begin_;
};

/// Files of the result by path; repeated questions for one path cost nothing.
class Files {
 public:
  Files(const Dataset& d, const Emission& emission) : emission_(emission) {
    by_path_.reserve(d.files.size());
    for (std::size_t f = 0; f < d.files.size(); ++f)
      by_path_.try_emplace(d.text(d.files[f].path), to_index<FileIndex>(f));
  }
  FileIndex find(Text path) {
    if (path.begin == last_.begin && path.size == last_.size) return found_;
    const FileIndex* const at = by_path_.find(emission_.text(path));
    last_ = path;
    return found_ = at == nullptr ? none<FileIndex> : *at;
  }

 private:
  const Emission& emission_;
  TextIndex<FileIndex> by_path_;
  Text last_{};
  FileIndex found_ = none<FileIndex>;
};

FileIndex file_of(const Dataset& d, std::size_t annotation) {
  if (!d.annotation_positions.empty() && d.annotation_positions[annotation].known())
    return d.annotation_positions[annotation].file();
  const ImageIndex image = d.annotations[annotation].image;
  return image == none<ImageIndex> ? none<FileIndex> : d[image].file;
}

void join_splits(Join& join, const Dataset& before, const Dataset& after, const Emission& emission) {
  join.splits = Column<SplitIndex>(before.splits.size(), none<SplitIndex>);
  std::map<std::string_view, std::vector<SplitIndex>> named;
  for (std::size_t j = 0; j < after.splits.size(); ++j) named[after.splits[j].name].push_back(to_index<SplitIndex>(j));
  std::map<std::string_view, std::size_t> used;  // the k-th split of a name stands for the k-th
  for (const auto& [split, name] : emission.splits) {
    const auto found = named.find(name);
    if (split == none<SplitIndex> || found == named.end()) continue;
    const std::size_t k = std::min(used[name]++, found->second.size() - 1);
    join.splits[to_size(split)] = found->second[k];
  }
}

void join_categories(Join& join, const Dataset& before, const Dataset& after, const Emission& emission) {
  join.categories = Column<CategoryIndex>(before.categories.size(), none<CategoryIndex>);
  for (std::size_t k = 0; k < emission.categories.size() && k < after.categories.size(); ++k)
    if (emission.categories[k] != none<CategoryIndex>)
      join.categories[to_size(emission.categories[k])] = to_index<CategoryIndex>(k);
}

/// Images that are records of documents: number k of a document is member k of its split, for documents that share
/// images, else image k that the document speaks of.
std::vector<Records::Row> image_records(const Dataset& after) {
  std::vector<Records::Row> rows;
  if (!after.memberships.empty()) {
    for (const Membership& m : after.memberships)
      if (const FileIndex file = after[m.split].file; file != none<FileIndex>)
        rows.push_back({file, m.order, static_cast<std::uint32_t>(m.image)});
    return rows;
  }
  std::vector<std::uint32_t> count(after.files.size(), 0);
  for (std::size_t j = 0; j < after.images.size(); ++j)
    if (const FileIndex file = after.images[j].file; file != none<FileIndex>)
      rows.push_back({file, count[to_size(file)]++, static_cast<std::uint32_t>(j)});
  return rows;
}

void join_images(Join& join, const Dataset& before, const Dataset& after, const Emission& emission, Files& files) {
  join.images = Column<ImageIndex>(before.images.size(), none<ImageIndex>);
  join.image_sources = Column<ImageIndex>(after.images.size(), none<ImageIndex>);
  const auto pair = [&](ImageIndex from, ImageIndex to) {
    if (to == none<ImageIndex> || from == none<ImageIndex>) return;
    if (join.images[to_size(from)] == none<ImageIndex>) join.images[to_size(from)] = to;
    join.image_sources[to_size(to)] = from;
  };
  if (!emission.images.empty()) {
    const Records records(image_records(after), after.files.size());
    for (const Emission::Record& r : emission.images)
      if (const FileIndex file = files.find(r.file); file != none<FileIndex>)
        pair(static_cast<ImageIndex>(r.from),
             static_cast<ImageIndex>(records.find(file, r.order, static_cast<std::uint32_t>(none<ImageIndex>))));
    return;
  }
  TextIndex<ImageIndex> by_path;
  by_path.reserve(after.images.size() * 2);
  for (std::size_t j = 0; j < after.images.size(); ++j)
    by_path.try_emplace(after.path(to_index<ImageIndex>(j)), to_index<ImageIndex>(j));
  for (std::size_t j = 0; j < after.images.size(); ++j)
    if (!after.images[j].media.empty()) by_path.try_emplace(after.text(after.images[j].media), to_index<ImageIndex>(j));
  for (const Emission::Name& name : emission.names)
    if (const ImageIndex* const found = by_path.find(emission.text(name.path)); found != nullptr)
      pair(name.image, *found);
}

/// A split whose name came back otherwise is the one that holds its first image, if no other is.
void join_renamed_splits(Join& join, const Dataset& before, const Dataset& after, const Emission& emission) {
  std::vector<bool> taken(after.splits.size(), false);
  for (const SplitIndex j : join.splits)
    if (j != none<SplitIndex>) taken[to_size(j)] = true;
  for (const auto& [split, name] : emission.splits) {
    if (split == none<SplitIndex> || join.splits[to_size(split)] != none<SplitIndex>) continue;
    const auto members = before.members(split);
    for (std::size_t j = 0; j < after.splits.size() && !members.empty(); ++j) {
      if (taken[j]) continue;
      const auto there = after.members(to_index<SplitIndex>(j));
      if (std::none_of(there.begin(), there.end(), [&](const Membership& m) {
            return join.image_sources[to_size(m.image)] == members.front().image;
          }))
        continue;
      join.splits[to_size(split)] = to_index<SplitIndex>(j);
      taken[j] = true;
      break;
    }
  }
}

template <class Index>
Column<Index> same_places(std::size_t before, std::size_t after) {
  Column<Index> join(before, none<Index>);
  for (std::size_t i = 0; i < std::min(before, after); ++i) join[i] = to_index<Index>(i);
  return join;
}

/// For writers that keep every record where it is.
Join join_in_place(const Dataset& before, const Dataset& after) {
  Join join;
  join.splits = same_places<SplitIndex>(before.splits.size(), after.splits.size());
  join.categories = same_places<CategoryIndex>(before.categories.size(), after.categories.size());
  join.licences = same_places<LicenceIndex>(before.licences.size(), after.licences.size());
  join.images = same_places<ImageIndex>(before.images.size(), after.images.size());
  set_image_sources(join, after.images.size());
  AnnotationPairs pairs;
  for (std::size_t i = 0; i < std::min(before.annotations.size(), after.annotations.size()); ++i) {
    pairs.before.push_back(to_index<AnnotationIndex>(i));
    pairs.after.push_back(to_index<AnnotationIndex>(i));
  }
  set_annotations(join, before.annotations.size(), pairs);
  return join;
}

}  // namespace

Join join_emitted(const Dataset& before, const Dataset& after, const Emission& emission) {
  if (emission.in_place) return join_in_place(before, after);
  Join join;
  Files files(after, emission);
  join_splits(join, before, after, emission);
  join_categories(join, before, after, emission);
  join_images(join, before, after, emission, files);
  join_renamed_splits(join, before, after, emission);
  join_licences(join, before, after);

  std::vector<Records::Row> rows;
  rows.reserve(after.annotations.size());
  for (std::size_t j = 0; j < after.annotations.size(); ++j)
    if (const FileIndex file = file_of(after, j); file != none<FileIndex>)
      rows.push_back({file, after.annotations[j].order, static_cast<std::uint32_t>(j)});
  const Records records(std::move(rows), after.files.size());
  AnnotationPairs pairs;
  pairs.before.reserve(emission.annotations.size());
  pairs.after.reserve(emission.annotations.size());
  for (const Emission::Record& r : emission.annotations) {
    const FileIndex file = files.find(r.file);
    if (file == none<FileIndex>) continue;
    const auto there =
        static_cast<AnnotationIndex>(records.find(file, r.order, static_cast<std::uint32_t>(none<AnnotationIndex>)));
    if (there == none<AnnotationIndex>) continue;
    pairs.before.push_back(static_cast<AnnotationIndex>(r.from));
    pairs.after.push_back(there);
  }
  set_annotations(join, before.annotations.size(), pairs);
  return join;
}

}  // namespace vetset
