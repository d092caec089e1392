// Class folders: ImageNet, torchvision's ImageFolder, the classify task of Ultralytics. A folder is a class, its images
// have that class, and folders above may be splits. There is no place for anything else: an image has one class.
#include "vetset/formats/imagefolder/imagefolder.h"

#include <algorithm>
#include <array>
#include <set>

#include "vetset/image/probe.h"

namespace vetset {
namespace imagefolder_parts {
namespace {

/// Folders that layouts of other formats are made of; no class is called so.
constexpr std::string_view layout_folders[] = {"images",
                                               "image",
                                               "imgs",
                                               "img",
                                               "labels",
                                               "label",
                                               "annotations",
                                               "ann",
                                               "Labels",
                                               "Images",
                                               "Annotations",
                                               "JPEGImages",
                                               "ImageSets",
                                               "labelTxt",
                                               "masks",
                                               "data",
                                               "SegmentationClass",
                                               "SegmentationObject",
                                               "obj_train_data",
                                               "obj_valid_data",
                                               "obj_test_data",
                                               "frames"};

/// Files that may hold annotations. One or two are a read-me or a list of names; with more the folders mean little.
constexpr std::size_t few = 2;
std::size_t annotated_files(const Tree& tree) {
  std::size_t count = 0;
  const auto all = tree.list();
  for (const std::string_view path : all) {
    const std::string_view extension = extension_of(path);
    count += extension == "xml" || extension == "json" || extension == "txt" ? 1U : 0U;
  }
  return count;
}

}  // namespace

Detection detect_imagefolder(const Tree& tree) {
  std::vector<std::string_view> images;
  for (const std::string_view path : tree.list())
    if (has_image_extension(path) && !is_hidden(path)) images.push_back(path);
  const Levels levels = find_levels(images);
  std::set<std::string_view> classes, splits;
  std::size_t classed = 0;
  std::string_view last;
  for (const std::string_view path : images) {
    const Spot spot = spot_of(path, levels);
    if (spot.folder.empty()) continue;
    ++classed;
    if (spot.folder == last) continue;
    last = spot.folder;
    classes.insert(spot.name);
    if (!spot.split.empty()) splits.insert(spot.split);
  }
  Detection seen;
  for (const std::string_view name : layout_folders)
    if (classes.contains(name)) return seen;
  if (classes.empty() && !images.empty() && annotated_files(tree) == 0 && tree.list().size() <= images.size() + few) {
    seen.score = 1;  // nothing else is there that could say what the images show
    seen.dialect = "images without classes";
    seen.evidence.push_back(std::to_string(images.size()) +
                            (images.size() == 1 ? " image, in no folder" : " images, in no folder") + " of a class");
    return seen;
  }
  if (classes.empty() || classed * 2 < images.size()) return seen;
  const auto is_split = [](std::string_view name) { return role_of_folder(name) != SplitRole::other; };
  if (!levels.splits && std::all_of(classes.begin(), classes.end(), is_split)) return seen;  // splits without classes
  seen.score = levels.splits ? 50 : classes.size() > 1 ? 40 : 10;
  seen.dialect = levels.splits ? "split folders" : "one folder a class";
  seen.evidence.push_back(std::to_string(classed) + (classed == 1 ? " image in " : " images in ") +
                          std::to_string(classes.size()) + (classes.size() == 1 ? " class folder" : " class folders") +
                          ", first " + std::string(*classes.begin()));
  if (levels.splits) {
    std::string names;
    for (const std::string_view split : splits) names += (names.empty() ? "" : ", ") + std::string(split);
    seen.evidence.push_back("folders of splits: " + names);
  }
  if (const std::size_t files = annotated_files(tree); files * 10 > images.size()) {
    if (files > few) return {};  // another format's
    seen.score = 5;
    seen.evidence.push_back(
        "but " + std::to_string(files) +
        (files == 1 ? " file of text, JSON or XML lies among them" : " files of text, JSON or XML lie among them"));
  }
  return seen;
}

namespace {

bool has_no_class(const Dataset& d, std::uint32_t i) {
  return d.annotations[i].image == none<ImageIndex> || d.annotations[i].category == none<CategoryIndex>;
}
bool is_object(const Dataset& d, std::uint32_t i) { return !is_tag(d.annotations[i]); }
bool is_empty_split(const Dataset& d, std::uint32_t i) { return d.members(static_cast<SplitIndex>(i)).empty(); }

std::vector<Carry> lines_of(bool objects_dropped, bool several_dropped) {
  std::vector<Carry> lines{
      {.field = Field::split,
       .verb = Verb::dropped,
       .when = is_empty_split,
       .note = "a folder without images is no folder"},
      {.field = Field::split, .verb = Verb::defaulted, .note = "images of no split have a folder of their own"},
      {.field = Field::split_name, .verb = Verb::rekeyed, .note = "train, val or test by role"},
      {.field = Field::split_role, .verb = Verb::rekeyed, .note = "a trainer needs a train split"},
      {.field = Field::split_members, .verb = Verb::exact},
      {.field = Field::split_categories, .verb = Verb::aggregated, .note = "the folders are the list of classes"},
      {.field = Field::category, .verb = Verb::dropped, .note = "a class without an image has no folder"},
      {.field = Field::category_name, .verb = Verb::exact},
      {.field = Field::category_order, .verb = Verb::rekeyed, .note = "loaders number the folders by name"},
      {.field = Field::image,
       .verb = Verb::split,
       .note = "an image of several splits or classes lies in each of their folders"},
      {.field = Field::image_path, .verb = Verb::rekeyed, .note = "the folder of its split and class"},
      {.field = Field::image_order, .verb = Verb::rekeyed, .note = "images are sorted by name"},
      {.field = Field::image_state, .verb = Verb::derived, .note = "labelled in the folder of a class, else not"},
      {.field = Field::annotation, .verb = Verb::dropped, .when = has_no_class, .note = "no image, or no named class"},
  };
  if (objects_dropped)
    lines.push_back({.field = Field::annotation,
                     .verb = Verb::refused,
                     .when = is_object,
                     .note = "a folder says nothing of objects"});
  lines.push_back({.field = Field::annotation,
                   .verb = several_dropped ? Verb::refused : Verb::exact,
                   .note = several_dropped ? "an image has one class" : ""});
  // Reached only by what is added: the lines above speak of every annotation of the source.
  lines.push_back(
      {.field = Field::annotation, .verb = Verb::derived, .note = "each copy of an image has the class of its folder"});
  const Carry rest[] = {
      {.field = Field::annotation_image, .verb = Verb::exact},
      {.field = Field::annotation_category, .verb = Verb::exact},
      {.field = Field::annotation_order, .verb = Verb::rekeyed, .note = "classes of an image are sorted by name"},
      {.field = Field::annotation_kind, .verb = Verb::derived, .note = "a class of the whole image"},
  };
  lines.insert(lines.end(), std::begin(rest), std::end(rest));
  return lines;
}

std::span<const Carry> carries_of(const WriteOptions& options) {
  static const std::array<std::vector<Carry>, 4> tables = {lines_of(false, false), lines_of(false, true),
                                                           lines_of(true, false), lines_of(true, true)};
  const bool objects_dropped = options.policies[Decision::objects] == Policy::drop;
  const bool several_dropped = options.policies[Decision::classes] == Policy::drop;
  return tables[(objects_dropped ? 2U : 0U) + (several_dropped ? 1U : 0U)];
}

bool asks_objects(const Dataset& d, AnnotationIndex i, const WriteOptions&) {
  return is_object(d, static_cast<std::uint32_t>(i)) && !has_no_class(d, static_cast<std::uint32_t>(i));
}
bool asks_score(const Dataset& d, AnnotationIndex i, const WriteOptions& options) {
  return !is_unstated(d.score(i)) && gives_class(d[i], options.policies);
}

constexpr Policy object_policies[] = {Policy::tag, Policy::drop};
constexpr Policy class_policies[] = {Policy::split, Policy::drop};
constexpr Policy drop_only[] = {Policy::drop};

const Choice choices[] = {
    {Decision::objects, asks_objects, object_policies,
     "a class folder holds whole images: an object gives its image its class, or is left out"},
    {.decision = Decision::classes,
     .when = nullptr,
     .policies = class_policies,
     .why = "an image lies in one folder: with several classes it is copied into each, or has none",
     .these = of_several_classes},
    {Decision::score, asks_score, drop_only, "a folder has no scores: a prediction would be learned as the truth"},
};

}  // namespace
}  // namespace imagefolder_parts

extern const Format imagefolder;
const Format imagefolder{
    .id = "imagefolder",
    .title = "Class folders",
    .judge = "torchvision ImageFolder, ultralytics 8.4.190",
    .tasks = {},
    .carries = imagefolder_parts::carries_of({}),
    .choices = imagefolder_parts::choices,
    .detect = imagefolder_parts::detect_imagefolder,
    .read = imagefolder_parts::read_imagefolder,
    .write = imagefolder_parts::write_imagefolder,
    .refuses = imagefolder_parts::refuses_imagefolder,
    .carries_for = imagefolder_parts::carries_of,
};

}  // namespace vetset
