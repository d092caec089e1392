// What is decided before a COCO dataset is written: documents, which records they get, file names, ids.
#include <algorithm>
#include <set>

#include "vetset/formats/coco/coco.h"

namespace vetset {
namespace {

/// Whether ids of another format are good enough to be kept: all there, whole numbers from 1 on, none twice.
bool good_ids(const Ids& ids, std::size_t records) {
  if (ids.numbers.size() != records || records == 0 || !ids.tokens.empty()) return false;
  std::vector<std::int64_t> sorted(ids.numbers.begin(), ids.numbers.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted.front() >= 1 && std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

/// A split's name as part of a file name.
std::string file_word(std::string_view name) {
  constexpr std::size_t longest = 150;
  if (name.empty()) return {};  // the one document that tells of no split
  std::string word;
  for (const char c : name.substr(0, longest)) {
    const bool odd = static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\' || c == ':';
    word += odd ? '_' : c;
  }
  if (path_problem("annotations/" + word)) return "split";
  return word;
}

std::string numbered(const std::string& name, std::size_t k) { return k < 2 ? name : name + "_" + std::to_string(k); }

/// A name that was not taken yet; takes it.
std::string free_name(std::set<std::string>& taken, const std::string& wanted) {
  for (std::size_t k = 1;; ++k)
    if (std::string name = numbered(wanted, k); taken.insert(name).second) return name;
}

void list_documents(const Dataset& d, CocoPlan& plan) {
  std::set<std::string> taken;
  std::set<std::string> paths;
  for (std::size_t s = 0; s < d.splits.size(); ++s) {
    CocoTarget target{.split = to_index<SplitIndex>(s)};
    const Split& split = d.splits[s];
    std::string path(split.file == none<FileIndex> ? std::string_view() : d.path(split.file));
    const bool tells = coco_split_of(path).name == split.name;
    if (plan.native && tells && !path.empty() && !path_problem(path) && paths.insert(path).second) {
      target.split_name = split.name;
    } else {
      target.split_name = free_name(taken, file_word(split.name));
      path = coco_document_of(target.split_name);
      paths.insert(path);
    }
    target.path = std::move(path);
    plan.documents.push_back(std::move(target));
  }
  const bool loose = [&] {
    std::vector<bool> placed(d.images.size());
    for (const Membership& m : d.memberships) placed[to_size(m.image)] = true;
    return std::find(placed.begin(), placed.end(), false) != placed.end();
  }();
  if (!loose && !d.splits.empty()) return;
  const bool unnamed = taken.contains("") || paths.contains(coco_document_of(""));
  CocoTarget rest{.split_name = unnamed ? free_name(taken, "unsplit") : std::string()};
  rest.path = coco_document_of(rest.split_name);
  plan.documents.push_back(std::move(rest));
}

void place_images(const Dataset& d, CocoPlan& plan) {
  std::vector<bool> placed(d.images.size());
  for (const Membership& m : d.memberships) {
    plan.documents[to_size(m.split)].images.push_back(m.image);
    placed[to_size(m.image)] = true;
  }
  if (plan.documents.back().split != none<SplitIndex>) return;
  for (std::size_t i = 0; i < d.images.size(); ++i)
    if (!placed[i]) plan.documents.back().images.push_back(to_index<ImageIndex>(i));
}

void place_annotations(const Dataset& d, const WriteOptions& options, CocoPlan& plan) {
  std::vector<std::size_t> by_file(d.files.size(), 0);
  for (std::size_t t = 0; t < plan.documents.size(); ++t)
    if (const SplitIndex s = plan.documents[t].split; s != none<SplitIndex> && d[s].file != none<FileIndex>)
      by_file[to_size(d[s].file)] = t;
  const bool alone = plan.documents.size() == 1;
  const Dataset::ImageSplits splits = alone ? Dataset::ImageSplits() : d.image_splits();
  for (std::size_t k = 0; k < d.annotations.size(); ++k) {
    const auto i = to_index<AnnotationIndex>(k);
    if (coco_leaves_out(d, i, options.policies)) continue;
    const ImageIndex image = d.annotations[k].image;
    if (alone) {
      plan.documents[0].annotations.push_back(i);
    } else if (plan.native && !d.annotation_positions.empty() && d.annotation_positions[k].known()) {
      plan.documents[by_file[to_size(d.annotation_positions[k].file())]].annotations.push_back(i);
    } else if (image == none<ImageIndex>) {
      plan.documents[0].annotations.push_back(i);
    } else if (const auto in = splits.of(image); in.empty()) {
      plan.documents.back().annotations.push_back(i);
    } else {
      for (const SplitIndex s : in.first(plan.native ? 1 : in.size()))
        plan.documents[to_size(s)].annotations.push_back(i);
    }
  }
}

/// What the document listed, and what its annotations name all the same; the first takes what is listed nowhere.
void list_categories(const Dataset& d, bool first, CocoTarget& target) {
  std::vector<bool> listed(d.categories.size());
  std::vector<bool> missing(d.categories.size(), first);
  for (const CategoryListing& row : d.category_listings) {
    missing[to_size(row.category)] = false;
    if (row.split != target.split || listed[to_size(row.category)]) continue;
    listed[to_size(row.category)] = true;
    target.categories.push_back(row.category);
  }
  for (const AnnotationIndex i : target.annotations)
    if (const CategoryIndex c = d[i].category; c != none<CategoryIndex>) missing[to_size(c)] = true;
  for (std::size_t c = 0; c < missing.size(); ++c)
    if (missing[c] && !listed[c]) target.categories.push_back(to_index<CategoryIndex>(c));
}

void list_tables(const Dataset& d, CocoPlan& plan) {
  std::vector<bool> used(d.licences.size());
  for (std::size_t t = 0; t < plan.documents.size(); ++t) {
    CocoTarget& target = plan.documents[t];
    if (plan.native && !d.category_listings.empty()) {
      list_categories(d, t == 0, target);
    } else {
      for (std::size_t c = 0; c < d.categories.size(); ++c) target.categories.push_back(to_index<CategoryIndex>(c));
    }
    std::fill(used.begin(), used.end(), false);
    for (const ImageIndex i : target.images)
      if (const LicenceIndex l = d[i].licence; l != none<LicenceIndex>) used[to_size(l)] = true;
    // Documents of one split share images; each has its own rows of the licences, known by their ids.
    for (std::size_t l = 0; plan.native && l < used.size(); ++l)
      for (std::size_t other = 0; used[l] && other < used.size(); ++other)
        if (other != l && d.licences[other].split == target.split &&
            d.id_json(d.licence_ids, other) == d.id_json(d.licence_ids, l))
          used[l] = false;
    for (std::size_t l = 0; l < d.licences.size(); ++l) {
      const SplitIndex of = d.licences[l].split;
      const bool first = t == 0 && of == none<SplitIndex>;
      if (used[l] || first || (of == target.split && of != none<SplitIndex>))
        target.licences.push_back(to_index<LicenceIndex>(l));
    }
  }
}

/// "train/images/a.jpg" → "train/a.jpg": the folder of all images is called "images" already.
std::string without_images(std::string_view path) {
  std::string short_path;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part == "images" && !path.empty()) continue;
    if (!short_path.empty()) short_path += '/';
    short_path += part;
  }
  return short_path;
}

void name_images(const Dataset& d, CocoPlan& plan) {
  std::vector<std::string_view> sorted;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const Image& image = d.images[i];
    std::string path(d.text(image.path));
    if (path_problem(path)) {
      std::replace(path.begin(), path.end(), '\\', '/');
      path = base_name(path);
      if (path_problem(path)) path.clear();
    }
    if (path.empty()) path = base_name(d.text(image.media));
    if (path.empty()) path = "image_" + std::to_string(i + 1);
    std::string name = without_images(path);
    if (!taken.insert(name).second) {
      name = path;
      const std::string extension(extension_of(path));
      const std::string stem = path.substr(0, path.size() - extension.size() - (extension.empty() ? 0 : 1));
      for (std::size_t k = 2; !taken.insert(name).second; ++k)
        name = stem + "_" + std::to_string(k) + (extension.empty() ? "" : "." + extension);
    }
    plan.media.push_back("images/" + name);
    plan.file_names.push_back(std::move(name));
  }
}

}  // namespace

std::string coco_document_of(std::string_view split) {
  if (split.empty()) return "annotations/instances.json";
  return "annotations/instances_" + std::string(split) + ".json";
}

CocoPlan plan_coco(const Dataset& d, const WriteOptions& options) {
  CocoPlan plan;
  plan.native = is_native_coco(d);
  plan.residues = writes_coco_residue(d);
  plan.keep_licence_ids = plan.native || good_ids(d.licence_ids, d.licences.size());
  plan.keep_category_ids = plan.native || good_ids(d.category_ids, d.categories.size());
  plan.keep_image_ids = plan.native || good_ids(d.image_ids, d.images.size());
  plan.keep_annotation_ids = plan.native || good_ids(d.annotation_ids, d.annotations.size());
  list_documents(d, plan);
  place_images(d, plan);
  place_annotations(d, options, plan);
  list_tables(d, plan);
  if (!plan.native) name_images(d, plan);
  return plan;
}

}  // namespace vetset
