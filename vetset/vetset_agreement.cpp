// agreement: how far several raters agree, within one dataset or between datasets of the same images.
#include <algorithm>
#include <map>

#include "vetset/dataset/overlap.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

/// Datasets of the same images as one: images by name, classes by name, annotations by who made them.
class Pooled {
 public:
  explicit Pooled(AgreementReport& out) : d_(out.dataset), raters_(out.raters) {}

  /// Whether images are told apart by their names without folders: where the datasets share no path.
  Result<void> name_images(std::span<const Source* const> sources) {
    std::map<std::string_view, unsigned> paths;
    for (const Source* source : sources)
      for (std::size_t n = 0; n < source->dataset.images.size(); ++n)
        ++paths[source->dataset.path(to_index<ImageIndex>(n))];
    by_base_name_ = std::none_of(paths.begin(), paths.end(), [](const auto& entry) { return entry.second > 1; });
    if (!by_base_name_) return {};
    for (const Source* source : sources) {
      std::map<std::string_view, std::string_view> names;
      for (std::size_t n = 0; n < source->dataset.images.size(); ++n) {
        const std::string_view path = source->dataset.path(to_index<ImageIndex>(n));
        const auto [other, is_new] = names.try_emplace(base_name(path), path);
        if (!is_new)
          return Error{Code::usage,
                       "the datasets share no path of an image, and '" + std::string(other->second) + "' and '" +
                           std::string(path) + "' have one name",
                       std::string(source->tree->name())};
      }
    }
    return {};
  }

  /// `rater`: Makers::nobody for what is shipped.
  void add(const Dataset& from, std::uint32_t rater) {
    const std::vector<CategoryIndex> categories = categories_of(from);
    std::vector<ImageIndex> images;
    for (std::size_t n = 0; n < from.images.size(); ++n) {
      images.push_back(image_of(from, to_index<ImageIndex>(n)));
      const ImageState state = from.images[n].state;
      if (rater != Makers::nobody && state != ImageState::unlabelled && state != ImageState::skipped)
        seen_.emplace_back(static_cast<std::uint32_t>(images.back()), rater);
    }
    for (std::size_t n = 0; n < from.annotations.size(); ++n) {
      Annotation a = from.annotations[n];
      if (a.image == none<ImageIndex> || a.category == none<CategoryIndex>) continue;
      const std::optional<Box> box = box_of(from, a);
      a.box_origin = box ? Origin::stated : Origin::none;
      a.box = box.value_or(Box{});
      if (!box && a.kind == Kind::unspecified) a.kind = Kind::tag;
      a.image = images[to_size(a.image)];
      a.category = categories[to_size(a.category)];
      a.shape = none<ShapeIndex>;
      a.layer = 0;
      d_.annotations.push_back(a);
      raters_.of.push_back(rater);
    }
  }

  void finish() { raters_.set_seen(d_.images.size(), std::move(seen_)); }

 private:
  std::vector<CategoryIndex> categories_of(const Dataset& from) {
    std::vector<CategoryIndex> places;
    for (const Category& c : from.categories) {
      const auto [place, is_new] = categories_.try_emplace(c.name, to_index<CategoryIndex>(d_.categories.size()));
      if (is_new) d_.categories.push_back({.name = c.name});
      places.push_back(place->second);
    }
    return places;
  }

  ImageIndex image_of(const Dataset& from, ImageIndex i) {
    const std::string_view path = from.path(i);
    const std::string key(by_base_name_ ? base_name(path) : path);
    const auto [place, is_new] = images_.try_emplace(key, to_index<ImageIndex>(d_.images.size()));
    if (is_new) d_.images.push_back({.path = d_.add_text(key), .width = from[i].width, .height = from[i].height});
    return place->second;
  }

  Dataset& d_;
  Raters& raters_;
  std::map<std::string, CategoryIndex> categories_;
  std::map<std::string, ImageIndex> images_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> seen_;
  bool by_base_name_ = false;
};

/// What raters are called: the names of their folders or files, or the whole paths where those are equal.
std::vector<std::string> rater_names(std::span<const Source* const> sources) {
  std::vector<std::string> names;
  std::map<std::string, unsigned> counts;
  const auto path_of = [](const Source& source) {
    std::string path = std::string(source.tree->name());
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return source.only.empty() ? path : path + "/" + source.only;
  };
  for (const Source* source : sources) ++counts[std::string(base_name(path_of(*source)))];
  for (const Source* source : sources) {
    const std::string path = path_of(*source);
    const std::string name(base_name(path));
    names.push_back(counts[name] > 1 ? path : name);
  }
  return names;
}

Result<void> pool(std::span<const Source* const> sources, const Source* shipped, AgreementReport& out) {
  Pooled pooled(out);
  std::vector<const Source*> all(sources.begin(), sources.end());
  if (shipped != nullptr) all.push_back(shipped);
  VETSET_DO(pooled.name_images(all));
  out.raters.by = "dataset";
  out.raters.names = rater_names(sources);
  for (std::size_t r = 0; r < sources.size(); ++r) pooled.add(sources[r]->dataset, static_cast<std::uint32_t>(r));
  if (shipped != nullptr) pooled.add(shipped->dataset, Makers::nobody);
  pooled.finish();
  return {};
}

}  // namespace

Result<AgreementReport> agreement(std::span<const Source* const> sources, const AgreementOptions& options) {
  if (sources.empty()) return Error{Code::usage, "expected a dataset"};
  if (!(options.least_iou > 0 && options.least_iou <= 1))
    return Error{Code::usage, "the least overlap (IoU) of one object: expected a number above 0, 1 at most"};
  AgreementReport out;
  const Dataset* d = &sources.front()->dataset;
  if (sources.size() > 1 || options.shipped != nullptr) {
    if (!options.by.empty())
      return Error{Code::usage, "of several datasets each is a rater: --by is for one dataset that names its raters"};
    VETSET_DO(pool(sources, options.shipped, out));
    d = &out.dataset;
  } else {
    VETSET_TRY(out.raters, raters_by(*d, options.by));
    if (out.raters.names.empty())
      return Error{Code::usage,
                   "nobody is named as a rater: expected layers, or a key of annotations as 'annotator' (--by "
                   "attribute:KEY names another), or several datasets of the same images"};
  }
  if (options.common.progress.stopped()) return Error{Code::cancelled, "stopped before counting"};
  if (out.raters.shared_images() == 0)
    return Error{Code::usage, "no image was labelled by two raters: nothing can be compared"};
  out.agreement = rater_agreement(*d, out.raters, {.least_iou = options.least_iou, .draws = options.draws});
  out.document = to_json(out.agreement, *d, "vetset " + std::string(version()), sources.front()->tree->name());
  return out;
}

}  // namespace vetset
