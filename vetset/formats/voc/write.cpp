// A dataset as a VOC tree: one XML an image, the lists of its splits, the list of its classes, images as they are.
#include <algorithm>
#include <set>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/formats/corner_box.h"
#include "vetset/formats/per_image.h"
#include "vetset/formats/voc/voc.h"

namespace vetset::voc_parts {
namespace {

class Writer {
 public:
  Writer(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options)
      : d_(d), media_(media), out_(out), options_(options), plan_(plan_voc(d, options)) {}

  Result<Emission> write() {
    by_image_ = d_.image_annotations();
    VETSET_DO(write_lists());
    if (plan_.as_read) VETSET_DO(write_side_files());
    VETSET_DO(write_labelmap());
    VETSET_DO(write_images(d_.images.size(), out_, options_, "annotations", emission_,
                           [&](std::size_t i, Emission& part) { return write_image(to_index<ImageIndex>(i), part); }));
    for (std::size_t c = 0; c < d_.categories.size(); ++c) emission_.categories.push_back(to_index<CategoryIndex>(c));
    for (const Plan::List& list : plan_.lists) emission_.splits.emplace_back(list.split, list.name);
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      if (plan_.as_read && d_.splits[s].origin == SplitOrigin::folder)
        emission_.splits.emplace_back(to_index<SplitIndex>(s), d_.splits[s].name);
    return std::move(emission_);
  }

 private:
  Result<void> write_lists() {
    for (const Plan::List& list : plan_.lists) {
      const FileIndex file = d_[list.split].file;
      const File style = plan_.as_read && file != none<FileIndex> ? d_[file] : File{};
      const std::string_view end_of_line = style.crlf ? "\r\n" : "\n";
      std::vector<std::string_view> ids;
      for (const Membership& m : d_.members(list.split)) ids.push_back(plan_.targets[to_size(m.image)].id);
      std::string text = style.bom ? "\xef\xbb\xbf" : "";
      if (const auto kept = kept_list(d_.text(style.bytes), ids)) {
        VETSET_DO(out_.write(list.path, text + *kept));
        continue;
      }
      for (const std::string_view id : ids) text.append(id).append(end_of_line);
      if (!style.final_newline && text.ends_with(end_of_line)) text.resize(text.size() - end_of_line.size());
      VETSET_DO(out_.write(list.path, text));
    }
    return {};
  }

  /// A list as it was, without the lines of images that went; nothing where it does not name these images in this
  /// order.
  static std::optional<std::string> kept_list(std::string_view text, std::span<const std::string_view> ids) {
    if (text.empty()) return std::nullopt;
    const std::set<std::string_view> known(ids.begin(), ids.end());
    std::string kept;
    std::size_t next = 0;
    while (!text.empty()) {
      const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
      text.remove_prefix(line.size());
      std::string_view id = line.substr(0, line.find_last_not_of(" \t\r\n") + 1);
      if (!known.contains(id)) id = id.substr(0, id.find_first_of(" \t"));
      const bool named = known.contains(id);
      if (!named && !id.empty() && id.front() != '#') continue;
      kept.append(line);
      if (named && (next == ids.size() || ids[next++] != id)) return std::nullopt;
    }
    return next == ids.size() ? std::optional(std::move(kept)) : std::nullopt;
  }

  /// Lists that say nothing of their own (trainval, one a class, of other tasks), without the lines of images that
  /// went.
  Result<void> write_side_files() {
    std::set<std::string_view> stems;
    for (const Plan::Target& target : plan_.targets) stems.insert(stem_of(target.image_path));
    for (const Plan::Target& target : plan_.targets) stems.insert(stem_of(target.xml_path));
    for (const File& file : d_.files) {
      const std::string_view path = d_.text(file.path);
      if (file.split != none<SplitIndex> || path.find("ImageSets/") == std::string_view::npos || path_problem(path))
        continue;
      std::string text;
      for (std::string_view rest = d_.text(file.bytes); !rest.empty();) {
        const std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
        rest.remove_prefix(line.size());
        const std::string_view id = line.substr(0, line.find_first_of(" \t\r\n"));
        if (id.empty() || stems.contains(base_name(id)) || stems.contains(stem_of(id))) text.append(line);
      }
      VETSET_DO(out_.write(path, text));
    }
    return {};
  }

  /// The list of classes: as it was where it still says the same, and where the source had none only if the files alone
  /// would be read otherwise.
  Result<void> write_labelmap() {
    const Corners corners = corners_to_write(d_);
    std::string path = "labelmap.txt";
    for (const File& file : d_.files) {
      if (!plan_.as_read || file.bytes.empty() || base_name(d_.text(file.path)) != "labelmap.txt") continue;
      LabelMap map = parse_labelmap(d_.text(file.bytes));
      if (map.corners.empty())
        std::erase_if(map.names, [&](const std::string& n) {
          return is_pixel_class(n) &&
                 std::find(plan_.class_names.begin(), plan_.class_names.end(), n) == plan_.class_names.end();
        });
      path = d_.text(file.path);
      const bool told = corners_named(map.corners) == corners || decide(vote_of(d_)).corners == corners;
      if (map.names == plan_.class_names && told) return out_.write(path, d_.text(file.bytes));
      return out_.write(path, labelmap_text(plan_.class_names, corners));
    }
    if (plan_.as_read && speaks_for_itself(corners)) return {};
    return out_.write(path, labelmap_text(plan_.class_names, corners));
  }
  bool speaks_for_itself(Corners corners) const {
    std::vector<bool> used(d_.categories.size());
    for (const Annotation& a : d_.annotations)
      if (a.category != none<CategoryIndex>) used[to_size(a.category)] = true;
    std::set<std::string, std::less<>> listed;
    for (const File& file : d_.files)
      if (!file.bytes.empty())
        if (const std::string_view stem = stem_of(d_.text(file.path)); stem.rfind('_') != std::string_view::npos)
          listed.emplace(stem.substr(0, stem.rfind('_')));
    for (std::size_t c = 0; c < used.size(); ++c) {
      if (!used[c] && !listed.contains(plan_.class_names[c])) return false;
      if (plan_.class_names[c] != d_.categories[c].name) return false;
    }
    return std::is_sorted(plan_.class_names.begin(), plan_.class_names.end()) && decide(vote_of(d_)).corners == corners;
  }

  Result<void> write_image(ImageIndex index, Emission& emission) {
    const Image& image = d_[index];
    const Plan::Target& target = plan_.targets[to_size(index)];
    emission.names.push_back({.image = index, .path = emission.add_text(target.image_path)});
    if (options_.images != ImagesMode::none && !image.media.empty())
      VETSET_DO(out_.copy(target.image_path, media_, d_.text(image.media)));
    if (is_native(d_)) VETSET_DO(copy_masks(index, target));
    if (target.xml_path.empty()) return {};
    std::vector<AnnotationIndex> written;
    VETSET_DO(out_.write(target.xml_path, xml_text(d_, index, by_image_.of(index), plan_, options_.policies, written)));
    if (written.empty()) return {};
    const Text file = emission.add_text(target.xml_path);
    for (std::size_t k = 0; k < written.size(); ++k)
      emission.annotations.push_back(
          {.from = static_cast<std::uint32_t>(written[k]), .file = file, .order = static_cast<std::uint32_t>(k)});
    return {};
  }

  /// Segmentation masks go with their image.
  Result<void> copy_masks(ImageIndex index, const Plan::Target& target) {
    if (d_.attributes.empty()) return {};
    for (const Attribute& row : d_.attributes_of(Owner::image, to_size(index))) {
      const std::string_view key = d_.text(row.key);
      if (key != "segmentation_class" && key != "segmentation_object") continue;
      JsonCursor json(d_.text(row.value));
      if (json.type() != JsonType::string) continue;
      const std::string path(json.read_string());
      if (path_problem(path) || !media_.contains(path)) continue;
      const std::string folder = key == "segmentation_class" ? "SegmentationClass/" : "SegmentationObject/";
      VETSET_DO(out_.copy(plan_.as_read ? path : folder + target.id + ".png", media_, path));
    }
    return {};
  }

  const Dataset& d_;
  const Tree& media_;
  TreeWriter& out_;
  const WriteOptions& options_;
  Plan plan_;
  Dataset::ImageAnnotations by_image_;
  Emission emission_;
};

}  // namespace

CornerVote vote_of(const Dataset& d) {
  CornerVote vote;
  const Corners base = corners_to_write(d);
  for (const Annotation& a : d.annotations) {
    if (a.box_origin != Origin::stated || a.image == none<ImageIndex>) continue;
    const Image& image = d[a.image];
    const bool stated = image.size_origin == SizeOrigin::stated;
    vote.count(corners_of(a.box, base), stated ? image.width : 0, stated ? image.height : 0);
  }
  for (const Residue& row : d.residues) {
    if (row.owner != Owner::image) continue;
    const Result<Json> json = Json::parse(d.text(row.json));
    if (!json) continue;
    const Json* source = json->find("source");
    vote.count_file(source == nullptr ? std::string_view() : source->text_or("database", ""),
                    json->find("path") != nullptr);
  }
  return vote;
}

std::optional<std::string> refuses_voc(const Dataset& d, const WriteOptions&) {
  for (const Category& c : d.categories) {
    if (c.name.empty()) return "a VOC object is known by the name of its class, and one class has none";
    if (!fits_xml(c.name) || trimmed(c.name) != c.name)
      return "the name of a class cannot be written in XML and read again: '" + printable(c.name) + "'";
  }
  for (const Attribute& row : d.attributes)
    if (row.owner == Owner::annotation && !(fits_xml(d.text(row.key)) && fits_xml(d.text(row.value))))
      return "an attribute cannot be written in XML: '" + printable(d.text(row.key)) + "'";
  return std::nullopt;
}

Result<Emission> write_voc(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options) {
  if (auto why = refuses_voc(d, options)) return Error{Code::refused, *std::move(why)};
  return Writer(d, media, out, options).write();
}

}  // namespace vetset::voc_parts
