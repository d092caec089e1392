// Writes lists of COCO results: one for each split, records in the order of the dataset.
#include <algorithm>
#include <set>

#include "vetset/formats/coco/results.h"
#include "vetset/formats/names.h"

namespace vetset::coco_results_parts {
namespace {

struct List {
  SplitIndex split = none<SplitIndex>;
  std::string path, name;
  Column<AnnotationIndex> annotations;
};

class Writer {
 public:
  Writer(const Dataset& d, TreeWriter& out, const WriteOptions& options)
      : d_(d), out_(out), options_(options), as_read_(is_as_read(d, options)) {
    plan_.native = true;  // ids, numbers and references go out as they are
    plan_.residues = as_read_;
    plan_.keep_image_ids = plan_.keep_category_ids = plan_.keep_annotation_ids = true;
  }

  Result<Emission> write() {
    name_lists();
    place_annotations();
    for (const List& list : lists_) VETSET_DO(write_list(list));
    list_categories();
    return std::move(emission_);
  }

 private:
  void name_lists() {
    std::set<std::string> names, paths;
    const auto free = [&](const std::string& path) {
      return !path_problem(path) && !paths.contains(path) && !names.contains(split_of(path).name);
    };
    const auto add = [&](SplitIndex split, const std::string& wanted) {
      std::string path = wanted;
      for (unsigned n = 2; !free(path); ++n) path = "split-" + std::to_string(n) + "_results.json";
      paths.insert(path);
      names.insert(split_of(path).name);
      lists_.push_back({.split = split, .path = path, .name = split_of(path).name, .annotations = {}});
    };
    for (std::size_t s = 0; s < d_.splits.size(); ++s) {
      const Split& split = d_.splits[s];
      const bool kept = d_.format == "coco-results" && split.file != none<FileIndex>;
      const std::string word = as_word(split.name);
      add(to_index<SplitIndex>(s), kept           ? std::string(d_.path(split.file))
                                   : word.empty() ? std::string("results.json")
                                                  : word + "_results.json");
    }
    std::vector<bool> placed(d_.images.size());
    for (const Membership& m : d_.memberships) placed[to_size(m.image)] = true;
    if (d_.splits.empty() || std::find(placed.begin(), placed.end(), false) != placed.end())
      add(none<SplitIndex>, d_.splits.empty() ? "results.json" : "rest_results.json");
  }

  void place_annotations() {
    const Dataset::ImageSplits splits = d_.image_splits();
    std::vector<std::size_t> by_file(d_.files.size(), 0);
    for (std::size_t l = 0; l < lists_.size(); ++l)
      if (const SplitIndex s = lists_[l].split; s != none<SplitIndex> && d_[s].file != none<FileIndex>)
        by_file[to_size(d_[s].file)] = l;
    const bool positions = as_read_ && !d_.annotation_positions.empty();
    for (std::size_t k = 0; k < d_.annotations.size(); ++k) {
      const auto i = to_index<AnnotationIndex>(k);
      if (!is_written(d_, i, options_)) continue;
      const ImageIndex image = d_[i].image;
      if (positions && d_.annotation_positions[k].known()) {
        lists_[by_file[to_size(d_.annotation_positions[k].file())]].annotations.push_back(i);
      } else if (image == none<ImageIndex>) {
        lists_.front().annotations.push_back(i);
      } else if (const auto in = splits.of(image); in.empty()) {
        lists_.back().annotations.push_back(i);
      } else {
        for (const SplitIndex s : in) lists_[to_size(s)].annotations.push_back(i);
      }
    }
  }

  Result<void> write_list(const List& list) {
    CocoRecordWriter writer{d_, plan_, options_.policies};
    if (d_.format == "coco-results" && list.split != none<SplitIndex>)
      std::copy(std::begin(d_[list.split].styles), std::end(d_[list.split].styles), writer.styles.begin());
    VETSET_DO(out_.begin(list.path));
    const Text path = emission_.add_text(list.path);
    std::string text = "[";
    std::vector<bool> met(d_.images.size());
    std::uint32_t order = 0, images = 0;
    constexpr std::size_t piece = 1 << 20;
    for (const AnnotationIndex i : list.annotations) {
      if (options_.progress.stopped()) return Error{Code::cancelled, "stopped while writing"};
      text += order == 0 ? "\n" : ",\n";
      as_read_ ? writer.annotation(text, i) : writer.result(text, i, options_.task);
      emission_.annotations.push_back({static_cast<std::uint32_t>(i), path, order++});
      if (const ImageIndex image = d_[i].image; image != none<ImageIndex> && !met[to_size(image)]) {
        met[to_size(image)] = true;
        emission_.images.push_back({static_cast<std::uint32_t>(image), path, images++});
        emission_.names.push_back({image, list.split, emission_.add_text(id_text(d_, d_.image_ids, to_size(image)))});
      }
      if (text.size() < piece) continue;
      VETSET_DO(out_.append(text));
      text.clear();
    }
    text += order == 0 ? "]\n" : "\n]\n";
    VETSET_DO(out_.append(text));
    VETSET_DO(out_.finish());
    if (list.split != none<SplitIndex>) emission_.splits.emplace_back(list.split, list.name);
    return {};
  }

  /// As a reader meets them: list after list by path, by id within one.
  void list_categories() {
    std::vector<const List*> by_path;
    for (const List& list : lists_) by_path.push_back(&list);
    std::sort(by_path.begin(), by_path.end(), [](const List* a, const List* b) { return a->path < b->path; });
    std::vector<bool> met(d_.categories.size());
    for (const List* list : by_path) {
      std::vector<std::size_t> named;
      for (const AnnotationIndex i : list->annotations)
        if (const CategoryIndex c = d_[i].category; c != none<CategoryIndex> && !met[to_size(c)]) {
          met[to_size(c)] = true;
          named.push_back(to_size(c));
        }
      std::sort(named.begin(), named.end(),
                [&](std::size_t a, std::size_t b) { return id_less(d_, d_.category_ids, a, b); });
      for (const std::size_t c : named) emission_.categories.push_back(to_index<CategoryIndex>(c));
    }
  }

  const Dataset& d_;
  TreeWriter& out_;
  const WriteOptions& options_;
  bool as_read_;
  CocoPlan plan_;
  std::vector<List> lists_;
  Emission emission_;
};

}  // namespace

Result<Emission> write_results(const Dataset& d, const Tree&, TreeWriter& out, const WriteOptions& options) {
  return Writer(d, out, options).write();
}

}  // namespace vetset::coco_results_parts
