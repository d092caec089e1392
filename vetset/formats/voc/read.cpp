// A VOC tree as a dataset: every XML file on any thread, then what only all of them together tell: the images, the
// classes, the pixel base, the splits.
#include <algorithm>
#include <deque>
#include <map>
#include <unordered_set>

#include "vetset/base/json.h"
#include "vetset/base/text_index.h"
#include "vetset/formats/corner_box.h"
#include "vetset/formats/per_image.h"
#include "vetset/formats/voc/lists.h"
#include "vetset/formats/voc/places.h"
#include "vetset/formats/voc/voc.h"
#include "vetset/image/probe.h"

namespace vetset::voc_parts {
namespace {

std::string counted(std::size_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

class Reader {
 public:
  Reader(const Tree& tree, const ReadOptions& options)
      : tree_(tree), options_(options), finder_(tree, options), findings_(options.limits.findings_per_code) {}

  Result<Reading> read() {
    d_.format = "voc";
    files_ = options_.only.empty() ? xml_files(tree_) : std::vector<std::string_view>{options_.only};
    if (!options_.only.empty() && !options_.only.ends_with(".xml"))
      return Error{Code::usage, "expected an XML file", options_.only};
    VETSET_DO(read_labelmap());
    const bool empty = files_.empty() && labelmap_.corners.empty();
    if (empty) return Error{Code::not_found, "found no XML file whose root is <annotation>", std::string(tree_.name())};
    VETSET_DO(read_files());
    find_images();
    add_other_images();
    measure_images(d_, media_, tree_, options_);
    VETSET_DO(read_lists());
    add_folder_splits();
    order_classes();
    settle_corners();
    link_masks();
    gather_rows();
    finish_splits();
    return Reading{std::move(d_), std::move(findings_), std::move(notes_)};
  }

 private:
  void report(std::string_view code, Severity severity, std::string_view file, std::string message,
              std::string fix = {}) {
    findings_.add({.code = code,
                   .severity = severity,
                   .where = vetset::Place{.file = std::string(file)},
                   .message = std::move(message),
                   .fix = std::move(fix)});
  }

  // The files.

  struct Run {
    std::size_t begin = 0, end = 0;
  };
  struct Slot {
    Run run;
    Parsed parsed;
  };

  Result<void> read_files() {
    first_file_ = d_.files.size();
    for (const std::string_view path : files_) {
      const auto file = to_index<FileIndex>(d_.files.size());
      d_.files.push_back({.path = d_.add_text(path)});
      d_.images.push_back({.file = file});
    }
    heads_.resize(files_.size());
    const bool keep = options_.written_from == nullptr || is_native(*options_.written_from);
    constexpr std::size_t grain = 256;
    std::size_t at = 0;
    const auto next = [&]() -> Result<std::optional<Run>> {
      if (options_.progress.stopped()) return Error{Code::cancelled, "was stopped while annotations were read"};
      options_.progress.tell("reading annotations", at, files_.size());
      if (at == files_.size()) return std::optional<Run>();
      const Run run{at, std::min(files_.size(), at + grain)};
      at = run.end;
      return std::optional(run);
    };
    const auto work = [&](Run& run) -> Result<Slot> {
      Slot slot{
          .run = run,
          .parsed = {.part = {}, .names = {}, .findings = Findings(options_.limits.findings_per_code), .vote = {}}};
      for (std::size_t i = run.begin; i < run.end && !options_.progress.stopped(); ++i) {
        VETSET_TRY(const Bytes bytes, tree_.read(files_[i]));
        if (bytes.size() > std::min<std::uint64_t>(options_.limits.value_bytes, 0xffffffffU))
          return Error{Code::limit, "is too large for an annotation file", std::string(files_[i])};
        File& file = d_.files[first_file_ + i];
        const XmlFile source{to_index<FileIndex>(first_file_ + i), to_index<ImageIndex>(i), files_[i], bytes, keep};
        heads_[i] = parse_file(source, d_.images[i], file, slot.parsed, options_.limits);
        if (heads_[i].broken) continue;
        d_.images[i].state = heads_[i].objects > 0 ? ImageState::labelled : ImageState::labelled_empty;
      }
      return slot;
    };
    const auto accept = [&](Slot&& slot) -> Result<void> {
      for (std::size_t i = slot.run.begin; i < slot.run.end; ++i)
        for (Text* text : {&d_.files[first_file_ + i].bytes, &heads_[i].residue})
          if (!text->empty()) text->begin += d_.texts.size();
      std::vector<CategoryIndex> class_of;
      for (std::string& name : slot.parsed.names) class_of.push_back(class_named(std::move(name)));
      for (Annotation& a : slot.parsed.part.annotations)
        if (a.category != none<CategoryIndex>) a.category = class_of[to_size(a.category)];
      d_.append_annotations(std::move(slot.parsed.part));
      findings_.append(std::move(slot.parsed.findings));
      vote_.add(slot.parsed.vote);
      return {};
    };
    return options_.pool.in_order<Run, Slot>(next, work, accept);
  }
  CategoryIndex class_named(std::string name) {
    const auto known = classes_.find(name);
    if (known != classes_.end()) return known->second;
    const auto index = to_index<CategoryIndex>(names_.size());
    names_.push_back(name);
    return classes_.emplace(std::move(name), index).first->second;
  }

  // Images.

  void find_images() {
    std::size_t missing = 0, first_missing = 0;
    TextIndex<std::size_t> taken;
    places_.reserve(files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i) {
      places_.push_back(place_of(files_[i]));
      const Head& head = heads_[i];
      const FoundImage found = finder_.find(files_[i], places_[i], head.filename, head.folder);
      Image& image = d_.images[i];
      media_.add(found.media, !found.in_images);
      const std::string absent =
          found.media.empty() || found.in_images ? finder_.absent_path(files_[i], places_[i], head.filename) : "";
      image.path = d_.add_text(absent.empty() ? found.media : std::string_view(absent));
      if (!found.media.empty()) image.media = absent.empty() ? image.path : d_.add_text(found.media);
      if (found.media.empty()) {
        if (found.ambiguous)
          report("FMT404", Severity::warning, files_[i], "several images are called like it: none is taken",
                 "put the image beside its file, or into JPEGImages");
        else if (missing++ == 0)
          first_missing = i;
        if (!found.ambiguous && finder_.any_image() && !options_.known_size)
          report("FMT404", Severity::warning, files_[i],
                 "has no image: " +
                     (head.filename.empty() ? std::string(places_[i].id) + ".*" : "'" + head.filename + "'") +
                     " is not here",
                 "add the image, or drop its file");
        continue;
      }
      const auto [first, is_new] = taken.try_emplace(found.media, i);
      if (!is_new)
        report("FMT418", Severity::warning, files_[i],
               "speaks of " + std::string(found.media) + ", as " + std::string(files_[*first]) + " does",
               "keep one of them");
      if (!head.filename.empty() && stem_of(base_name(head.filename)) != stem_of(found.media) &&
          base_name(head.filename) != stem_of(found.media))
        report("FMT404", Severity::warning, files_[i],
               "says that its image is '" + head.filename + "'; " + std::string(found.media) + " was taken",
               "correct the filename");
    }
    if (missing > 0 && !finder_.any_image() && !options_.known_size)
      report("FMT404", Severity::warning, files_[first_missing],
             (missing == 1 ? "has no image" : counted(missing, "file") + " have no image, this the first") +
                 ": there are no images here",
             "say where the images are with --images-dir");
    by_id_.reserve(files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i)
      by_id_.try_emplace(ids_.emplace_back(id_of(places_[i].root, places_[i].id)), to_index<ImageIndex>(i));
  }

  static std::string id_of(std::string_view root, std::string_view id) {
    std::string text;
    text.reserve(root.size() + 1 + id.size());
    return text.append(root).append("\n").append(id);
  }

  ImageIndex add_image(std::string_view path, std::string_view media) {
    const auto index = to_index<ImageIndex>(d_.images.size());
    const Text text = d_.add_text(path);
    d_.images.push_back({.path = text, .media = media.empty() ? Text{} : text, .state = ImageState::unlabelled});
    media_.add(media, true);
    return index;
  }

  /// Images that no file speaks of: beside those that are labelled, in JPEGImages, and where files lie beside images in
  /// folders called train, valid, test.
  void add_other_images() {
    if (!options_.only.empty()) return;
    std::unordered_set<std::string_view> used;
    std::set<std::string, std::less<>> folders;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (places_[i].devkit && !places_[i].id.empty()) folders.insert(std::string(places_[i].root) + "JPEGImages");
      if (media_.paths[i].empty() || !media_.own[i]) continue;
      used.insert(media_.paths[i]);
      folders.emplace(folder_of(media_.paths[i]));
    }
    const bool flat = std::none_of(places_.begin(), places_.end(), [](const XmlPlace& p) { return p.devkit; });
    const auto is_split_folder = [&](std::string_view folder) {
      const SplitRole role = split_role(base_name(folder));
      return flat && (role == SplitRole::train || role == SplitRole::val || role == SplitRole::test);
    };
    for (const std::string_view path : tree_.list()) {
      if (!has_image_extension(path) || used.contains(path)) continue;
      if (!folders.contains(folder_of(path)) && !is_split_folder(folder_of(path))) continue;
      const ImageIndex i = add_image(path, path);
      if (const std::size_t at = path.rfind("JPEGImages/"); at != std::string_view::npos) {
        std::string_view id = path.substr(at + 11);
        id.remove_suffix(extension_of(id).size() + 1);
        by_id_.try_emplace(ids_.emplace_back(id_of(path.substr(0, at), id)), i);
      }
    }
  }

  // Splits.

  Result<void> read_lists() {
    if (!options_.only.empty()) return {};
    const ListPaths paths = find_lists(tree_);
    for (const std::string_view path : paths.others) VETSET_DO(keep_file(path));
    std::vector<ImageList> lists;
    for (const std::string_view path : paths.lists) {
      VETSET_TRY(const Bytes bytes, tree_.read(path, {0, options_.limits.value_bytes}));
      ImageList list = parse_list(path, bytes);
      const auto known = [&](std::string_view id) { return by_id_.contains(id_of(list.root, id)); };
      if (is_class_list(list, paths.names, known, labelmap_.corners.empty())) {
        class_names_.insert(list.class_name);
        VETSET_DO(keep_file(path));
        continue;
      }
      lists.push_back(std::move(list));
    }
    std::vector<std::vector<ImageIndex>> members;
    for (ImageList& list : lists) members.push_back(members_of(list));
    const std::vector<bool> unions = unions_of_others(members, d_.images.size());
    for (std::size_t k = 0; k < lists.size(); ++k) {
      // In lists of ours every other one is a split.
      if (unions[k] && (lists[k].name == usual_union || labelmap_.corners.empty())) {
        notes_.push_back(std::string(lists[k].path) + " names what other lists name together: no split of its own");
        VETSET_DO(keep_file(lists[k].path));
        continue;
      }
      File file = lists[k].style;
      file.path = d_.add_text(lists[k].path);
      if (options_.written_from == nullptr || is_native(*options_.written_from))
        file.bytes = d_.add_text({lists[k].text.data(), lists[k].text.size()});
      file.split = to_index<SplitIndex>(d_.splits.size());
      d_.splits.push_back({.name = lists[k].name,
                           .role = split_role(lists[k].name),
                           .origin = SplitOrigin::list,
                           .file = to_index<FileIndex>(d_.files.size())});
      d_.files.push_back(file);
      notes_.push_back(lists[k].name + ": " + counted(members[k].size(), "image") + " listed in " +
                       std::string(lists[k].path));
      members_.push_back(std::move(members[k]));
    }
    return {};
  }

  std::vector<ImageIndex> members_of(const ImageList& list) {
    std::vector<ImageIndex> members;
    std::vector<bool> seen;  // by image
    std::size_t twice = 0, missing = 0;
    std::string first_missing;
    for (const std::string_view line : list.lines) {
      const auto find = [&](std::string_view id) { return by_id_.find(id_of(list.root, id)); };
      const ImageIndex* at = find(line);
      std::string_view id = line;
      if (at == nullptr) at = find(id = line.substr(0, line.find_first_of(" \t")));
      if (at == nullptr && has_image_extension(id)) at = find(id.substr(0, id.size() - extension_of(id).size() - 1));
      if (at == nullptr && line.front() == '#') continue;  // a remark
      if (at == nullptr) {
        const std::string path = list.root + "JPEGImages/" + std::string(id);
        if (path_problem(path)) {
          report("FMT418", Severity::warning, list.path,
                 "lists '" + std::string(id.substr(0, 200)) + "', which can be no name here");
          continue;
        }
        if (missing++ == 0) first_missing = id;
        at = by_id_.try_emplace(ids_.emplace_back(id_of(list.root, id)), add_image(path, {})).first;
      }
      seen.resize(d_.images.size());
      if (!seen[to_size(*at)])
        members.push_back(*at);
      else
        ++twice;
      seen[to_size(*at)] = true;
    }
    if (twice > 0)
      report("FMT418", Severity::warning, list.path, "lists " + counted(twice, "image") + " a second time");
    if (missing > 0)
      report("FMT418", Severity::warning, list.path,
             "lists " + counted(missing, "name") + " without an XML file or an image, first " + first_missing,
             "take the name out, or add its files");
    return members;
  }

  Result<void> keep_file(std::string_view path) {
    VETSET_TRY(const Bytes bytes, tree_.read(path, {0, options_.limits.value_bytes}));
    d_.files.push_back({.path = d_.add_text(path), .bytes = d_.add_text(bytes)});
    return {};
  }

  /// Without lists, folders called train, valid, test are splits.
  void add_folder_splits() {
    if (!d_.splits.empty()) return;
    std::map<std::string, std::vector<ImageIndex>, std::less<>> folders;
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      const std::string_view path = d_.path(to_index<ImageIndex>(i));
      for (std::size_t at = 0; at < path.size();) {
        const std::size_t slash = path.find('/', at);
        if (slash == std::string_view::npos) break;
        const SplitRole role = split_role(path.substr(at, slash - at));
        if (role == SplitRole::train || role == SplitRole::val || role == SplitRole::test) {
          folders[std::string(path.substr(0, slash))].push_back(to_index<ImageIndex>(i));
          break;
        }
        at = slash + 1;
      }
    }
    for (auto& [folder, images] : folders) {
      const std::string name(base_name(folder));
      d_.splits.push_back({.name = name, .role = split_role(name), .origin = SplitOrigin::folder, .folder = folder});
      notes_.push_back(name + ": " + counted(images.size(), "image") + " in " + folder);
      members_.push_back(std::move(images));
    }
  }

  void finish_splits() {
    for (std::size_t s = 0; s < members_.size(); ++s)
      for (std::size_t i = 0; i < members_[s].size(); ++i)
        d_.memberships.push_back(
            {.split = to_index<SplitIndex>(s), .image = members_[s][i], .order = static_cast<std::uint32_t>(i)});
  }

  // Classes and pixels.

  Result<void> read_labelmap() {
    for (const std::string_view path : tree_.list()) {
      if (base_name(path) != "labelmap.txt" || !options_.only.empty()) continue;
      VETSET_DO(keep_file(path));
      labelmap_ = parse_labelmap(d_.text(d_.files.back().bytes));
      vote_.pinned = labelmap_.corners;
      notes_.push_back("classes in the order of " + std::string(path));
      return {};
    }
    return {};
  }

  /// The order of labelmap.txt, then by name.
  void order_classes() {
    std::vector<std::string> order;
    for (const std::string& name : labelmap_.names)
      if (!labelmap_.corners.empty() || !is_pixel_class(name) || classes_.contains(name)) order.push_back(name);
    const std::set<std::string, std::less<>> listed(order.begin(), order.end());
    std::set<std::string, std::less<>> rest;
    for (const std::string& name : names_)
      if (!listed.contains(name)) rest.insert(name);
    for (const std::string& name : class_names_)
      if (!listed.contains(name) && !is_pixel_class(name)) rest.insert(name);
    order.insert(order.end(), rest.begin(), rest.end());
    if (labelmap_.names.empty() && !order.empty())
      notes_.push_back(counted(order.size(), "class") + (order.size() == 1 ? "" : "es") +
                       ", in the order of their names: VOC has none");
    std::vector<CategoryIndex> now(names_.size(), none<CategoryIndex>);
    for (std::string& name : order) {
      if (const auto known = classes_.find(name); known != classes_.end())
        now[to_size(known->second)] = to_index<CategoryIndex>(d_.categories.size());
      d_.categories.push_back({.name = std::move(name)});
    }
    for (Annotation& a : d_.annotations)
      if (a.category != none<CategoryIndex>) a.category = now[to_size(a.category)];
  }

  void settle_corners() {
    CornerChoice choice = decide(vote_);
    if (options_.dialect == "zero-based") choice = {Corners::from_zero, "as asked for"};
    if (options_.dialect == "one-based") choice = {Corners::from_one, "as asked for"};
    if (vote_.boxes > 0) notes_.push_back("corners count " + std::string(name(choice.corners)) + ": " + choice.why);
    JsonWriter(d_.residue).begin_object().key("corners").value(name(choice.corners)).end_object();
    for (Annotation& a : d_.annotations) {
      if (a.box_origin == Origin::stated) a.box = box_of({a.box.x, a.box.y, a.box.width, a.box.height}, choice.corners);
      if (a.box_origin == Origin::derived)
        a.box = box_of({a.box.x, a.box.y, a.box.width, a.box.height}, Corners::from_zero);
      if (choice.corners != Corners::from_one || a.shape == none<ShapeIndex>) continue;
      if (a.box_origin == Origin::derived) a.box.x -= 1, a.box.y -= 1;
      const Shape& shape = d_[a.shape];
      double* numbers = shape.kind == ShapeKind::polygon ? &d_.coordinates[d_.rings[shape.begin].begin]
                                                         : &d_.coordinates[shape.begin];
      const std::size_t count = shape.kind == ShapeKind::polygon ? d_.rings[shape.begin].count : 2;
      for (std::size_t k = 0; k < count; ++k) numbers[k] -= 1;
    }
  }

  // Masks: a file for the classes, one for the objects, whose pixels hold the number of the object from 1.

  void link_masks() {
    const auto is_mask = [](std::string_view path) { return path.find("Segmentation") != std::string_view::npos; };
    if (std::none_of(tree_.list().begin(), tree_.list().end(), is_mask)) return;
    std::vector<bool> has_objects(d_.images.size());
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      if (i >= places_.size()) break;
      for (const auto& [key, folder] : {std::pair("segmentation_class", "SegmentationClass/"),
                                        std::pair("segmentation_object", "SegmentationObject/")}) {
        const std::string path = std::string(places_[i].root) + folder + std::string(places_[i].id) + ".png";
        if (!places_[i].devkit || !tree_.contains(path)) continue;
        std::string json;
        append_json_string(json, path);
        image_attributes_.push_back({Owner::image, static_cast<std::uint32_t>(i), d_.add_text(key), d_.add_text(json)});
        has_objects[i] = has_objects[i] || std::string_view(key) == "segmentation_object";
      }
    }
    if (image_attributes_.empty()) return;
    notes_.push_back(counted(image_attributes_.size(), "segmentation mask") + " linked to their images");
    for (Annotation& a : d_.annotations) {
      if (a.image == none<ImageIndex> || !has_objects[to_size(a.image)]) continue;
      const auto index = to_index<ShapeIndex>(d_.shapes.size());
      ShapeIndex* last = &a.shape;
      while (*last != none<ShapeIndex>) last = &d_.shapes[to_size(*last)].next;
      *last = index;
      d_.shapes.push_back({.begin = d_.coordinates.size(), .count = 1, .kind = ShapeKind::raster});
      d_.coordinates.push_back(a.order + 1.0);
    }
  }

  /// Rows of images come before rows of annotations. What the files said of themselves is let go.
  void gather_rows() {
    Column<Residue> residues;
    for (std::size_t i = 0; i < heads_.size(); ++i)
      if (!heads_[i].residue.empty())
        residues.push_back({Owner::image, static_cast<std::uint32_t>(i), heads_[i].residue});
    residues.append(std::span<const Residue>(d_.residues.data(), d_.residues.size()));
    d_.residues = std::move(residues);
    heads_ = {};
    Column<Attribute> attributes;
    for (const Attribute& row : image_attributes_) attributes.push_back(row);
    attributes.append(std::span<const Attribute>(d_.attributes.data(), d_.attributes.size()));
    d_.attributes = std::move(attributes);
  }

  const Tree& tree_;
  const ReadOptions& options_;
  ImageFinder finder_;
  Dataset d_;
  Findings findings_;
  std::vector<std::string> notes_;
  std::size_t first_file_ = 0;                    // of the XML files among d_.files
  std::vector<std::string_view> files_;           // the XML file of image i
  std::vector<Head> heads_;                       // by file
  std::vector<XmlPlace> places_;                  // by file
  MediaFiles media_;                              // by image
  std::deque<std::string> ids_;                   // root, line feed, id
  TextIndex<ImageIndex> by_id_;                   // by them
  std::vector<std::vector<ImageIndex>> members_;  // by split
  std::map<std::string, CategoryIndex, std::less<>> classes_;
  std::vector<std::string> names_;                  // of classes_, as first seen
  std::set<std::string, std::less<>> class_names_;  // of class lists
  LabelMap labelmap_;
  CornerVote vote_;
  std::vector<Attribute> image_attributes_;
};

}  // namespace

Result<Reading> read_voc(const Tree& tree, const ReadOptions& options) { return Reader(tree, options).read(); }

}  // namespace vetset::voc_parts
