// A dataset as CVAT's tree: annotations.xml, and images/ with a folder for each subset.
#include <algorithm>
#include <unordered_set>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/formats/corner_box.h"
#include "vetset/formats/cvat/cvat.h"
#include "vetset/formats/names.h"

namespace vetset::cvat_parts {
namespace {

class Planner {
 public:
  explicit Planner(const Dataset& d) : d_(d) {}

  Plan plan() {
    plan_.class_names = distinct_class_names(d_);
    plan_.points = point_names(d_, [&](AnnotationIndex i) { return written_form(d_, i) == ToolForm::skeleton; });
    for (std::size_t i = 0; i < d_.annotations.size(); ++i)
      if (const auto group = group_of(d_, to_index<AnnotationIndex>(i)); group && *group < 0x7fffffff)
        plan_.next_group = std::max(plan_.next_group, *group + 1);
    name_subsets();
    place_images();
    return std::move(plan_);
  }

 private:
  void name_subsets() {
    TakenNames taken;
    for (const Split& split : d_.splits) {
      std::string name = clean_name(split.name.empty() ? "all" : split.name);
      std::replace(name.begin(), name.end(), '/', '_');
      plan_.subsets.push_back(taken.take(name));
    }
  }

  void place_images() {
    std::vector<bool> placed(d_.images.size());
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      for (const Membership& m : d_.members(to_index<SplitIndex>(s))) {
        place(m.image, to_index<SplitIndex>(s));
        placed[to_size(m.image)] = true;
      }
    for (std::size_t i = 0; i < placed.size(); ++i)
      if (!placed[i]) place(to_index<ImageIndex>(i), none<SplitIndex>);
  }
  void place(ImageIndex image, SplitIndex split) {
    const std::string subset = split == none<SplitIndex> ? "" : plan_.subsets[to_size(split)];
    std::string_view own = below_folder(d_.path(image), "images");
    own = below_folder(own, subset);
    const std::string clean = clean_name(own);
    const std::string folder = std::string(images_folder) + (subset.empty() ? "" : subset + "/");
    std::string name = clean;
    // Readers that do not find an image in the folder of its subset look for it outside.
    const auto is_taken = [&] {
      return (split == none<SplitIndex> && in_subsets_.contains(collision_key(name))) ||
             !taken_.insert(collision_key(folder + name)).second;
    };
    for (unsigned n = 2; is_taken(); ++n) name = numbered(clean, n);
    if (split != none<SplitIndex>) in_subsets_.insert(collision_key(name));
    plan_.targets.push_back({image, split, name, folder + name});
  }

  const Dataset& d_;
  Plan plan_;
  std::unordered_set<std::string> taken_, in_subsets_;
};

class Writer {
 public:
  Writer(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options)
      : d_(d), media_(media), out_(out), options_(options), plan_(plan_cvat(d)) {}

  Result<Emission> write() {
    by_image_ = d_.image_annotations();
    VETSET_DO(out_.begin(document_name));
    text_ = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n  " +
            meta_text(d_, plan_) + "\n";
    document_ = emission_.add_text(document_name);
    constexpr std::size_t flush_at = 1 << 20;
    std::size_t done = 0;
    for (const Plan::Target& target : plan_.targets) {
      if (options_.progress.stopped()) return Error{Code::cancelled, "was stopped while annotations were written"};
      if (done % 256 == 0) options_.progress.tell("writing annotations", done, plan_.targets.size());
      write_image(target, done++);
      if (text_.size() < flush_at) continue;
      VETSET_DO(out_.append(text_));
      text_.clear();
    }
    text_ += "</annotations>\n";
    VETSET_DO(out_.append(text_));
    VETSET_DO(out_.finish());
    VETSET_DO(copy_images());
    for (std::size_t c = 0; c < d_.categories.size(); ++c) emission_.categories.push_back(to_index<CategoryIndex>(c));
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      emission_.splits.emplace_back(to_index<SplitIndex>(s), plan_.subsets[s]);
    return std::move(emission_);
  }

 private:
  void write_image(const Plan::Target& target, std::size_t number) {
    const std::size_t i = to_size(target.image);
    const Image& image = d_.images[i];
    emission_.names.push_back({.image = target.image, .split = target.split, .path = emission_.add_text(target.path)});
    const auto attribute = [&](std::string_view name, std::string_view value) {
      text_.append(" ").append(name).append("=\"");
      append_xml_attribute(text_, value);
      text_ += '"';
    };
    const bool own_id = is_native(d_) && d_.image_ids[i] >= 0;
    text_ += "  <image";
    attribute("id", std::to_string(own_id ? d_.image_ids[i] : static_cast<std::int64_t>(number)));
    attribute("name", target.name);
    if (target.split != none<SplitIndex>) attribute("subset", plan_.subsets[to_size(target.split)]);
    const auto rows = d_.residues_of(Owner::image, i);
    if (is_native(d_) && !rows.empty())
      if (const Result<Json> rest = Json::parse(d_.text(rows.front().json)))
        for (const auto& [key, value] : rest->members())
          if (is_xml_name(key)) attribute(key, value.text());
    if (image.width > 0 && image.height > 0) {
      attribute("width", std::to_string(image.width));
      attribute("height", std::to_string(image.height));
    }
    const std::size_t head = text_.size();
    text_ += ">\n";
    std::size_t shapes = 0;
    for (const AnnotationIndex a : by_image_.of(target.image)) {
      if (d_[a].flags.is(Flag::crowd) && options_.policies[Decision::crowd] != Policy::object) continue;
      for (std::size_t n = append_shapes(text_, d_, a, plan_, options_.policies); n > 0; --n, ++shapes)
        emission_.annotations.push_back({.from = static_cast<std::uint32_t>(a), .file = document_, .order = order_++});
    }
    if (shapes == 0) {
      text_.resize(head);
      text_ += "/>\n";
      return;
    }
    text_ += "  </image>\n";
  }

  Result<void> copy_images() {
    if (options_.images == ImagesMode::none) return {};
    for (const Plan::Target& target : plan_.targets)
      if (const Text media = d_[target.image].media; !media.empty())
        VETSET_DO(out_.copy(target.path, media_, d_.text(media)));
    return {};
  }

  const Dataset& d_;
  const Tree& media_;
  TreeWriter& out_;
  const WriteOptions& options_;
  Plan plan_;
  Dataset::ImageAnnotations by_image_;
  Emission emission_;
  Text document_;
  std::string text_;
  std::uint32_t order_ = 0;
};

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

Plan plan_cvat(const Dataset& d) { return Planner(d).plan(); }

std::optional<std::string> refuses_cvat(const Dataset& d, const WriteOptions&) {
  for (const Category& c : d.categories) {
    if (is_blank(c.name)) return "a CVAT label is known by its name, and one class has none";
    if (!fits_xml(c.name)) return "the name of a class cannot be written in XML: '" + printable(c.name) + "'";
  }
  for (const Attribute& row : d.attributes) {
    if (row.owner != Owner::annotation) continue;
    const std::string_view key = d.text(row.key);
    if (!fits_xml(key) || !fits_xml(d.text(row.value)))
      return "an attribute cannot be written in XML: '" + printable(key) + "'";
    if (key == id_name || key == score_name || key == layer_name || key == track_name || key == marks_name)
      return "an attribute has the name '" + std::string(key) + "', which vetset keeps for itself in CVAT";
  }
  for (const std::string& layer : d.layers)
    if (!fits_xml(layer)) return "the name of a layer cannot be written in XML: '" + printable(layer) + "'";
  return std::nullopt;
}

Result<Emission> write_cvat(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options) {
  if (auto why = refuses_cvat(d, options)) return Error{Code::refused, *std::move(why)};
  return Writer(d, media, out, options).write();
}

}  // namespace vetset::cvat_parts
