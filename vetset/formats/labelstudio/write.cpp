// A dataset as tasks for Label Studio: tasks.json, label_config.xml and images/.
#include <algorithm>
#include <map>
#include <unordered_set>

#include "vetset/base/unicode.h"
#include "vetset/base/xml.h"
#include "vetset/formats/corner_box.h"
#include "vetset/formats/labelstudio/labelstudio.h"
#include "vetset/formats/names.h"

namespace vetset::labelstudio_parts {
namespace {

class Planner {
 public:
  Planner(const Dataset& d, const WriteOptions& options) : d_(d), options_(options) {}

  Plan plan() {
    plan_.class_names = distinct_class_names(d_);
    plan_.points = point_names(d_, [&](AnnotationIndex i) { return written_form(d_, i) == ToolForm::skeleton; });
    TakenNames taken;
    for (const Split& split : d_.splits)
      plan_.split_names.push_back(taken.take(split.name.empty() ? "all" : split.name));
    if (is_native(d_))
      if (const Result<Json> own = Json::parse(d_.residue))
        if (const std::string_view key = own->text_or("image", ""); !key.empty()) plan_.image_key = key;
    place_images();
    refer();
    return std::move(plan_);
  }

 private:
  void place_images() {
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      const std::string_view path = d_.path(to_index<ImageIndex>(i));
      const bool as_read = is_native(d_) && !path_problem(path) && path != document_name && path != config_name;
      const std::string wanted = as_read ? std::string(path) : "images/" + clean_name(below_folder(path, "images"));
      std::string name = wanted;
      for (unsigned n = 2; !taken_.insert(collision_key(name)).second; ++n) name = numbered(wanted, n);
      ++base_names_[std::string(base_name(name))];
      plan_.images.push_back({.path = name, .reference = reference_to(name), .read_as = name});
    }
  }

  /// References that tasks had stay where the image is found by them again.
  void refer() {
    if (!is_native(d_)) return;
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      const auto rows = d_.residues_of(Owner::image, i);
      if (rows.empty()) continue;
      const ImageMember said = image_in(member(d_.text(rows.front().json), "data"), plan_.image_key);
      if (said.key.empty()) continue;
      Plan::Target& target = plan_.images[i];
      const bool copied = options_.images != ImagesMode::none && !d_.images[i].media.empty();
      const std::string expected = path_of_reference(said.reference);
      if (copied) {
        if (expected != target.path && !found_by_name(said.reference, target.path)) continue;
      } else if (expected != target.path) {
        if (!taken_.insert(collision_key(expected)).second) continue;
        target.read_as = expected;
      }
      target.reference = said.reference;
    }
  }
  bool found_by_name(std::string_view reference, std::string_view path) const {
    const auto at = base_names_.find(base_name(path));
    return at != base_names_.end() && at->second == 1 && names_file(reference, base_name(path));
  }

  const Dataset& d_;
  const WriteOptions& options_;
  Plan plan_;
  std::unordered_set<std::string> taken_;
  std::map<std::string, std::size_t, std::less<>> base_names_;
};

class Writer {
 public:
  Writer(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options)
      : d_(d), media_(media), out_(out), options_(options), plan_(plan_labelstudio(d, options)) {}

  Result<Emission> write() {
    by_image_ = d_.image_annotations();
    splits_ = d_.image_splits();
    document_ = emission_.add_text(document_name);
    VETSET_DO(out_.write(config_name, config_text(d_, plan_)));
    VETSET_DO(out_.begin(document_name));
    std::string text = "[";
    constexpr std::size_t flush_at = 1 << 20;
    const std::vector<ImageIndex> order = in_order();
    for (std::size_t k = 0; k < order.size(); ++k) {
      if (options_.progress.stopped()) return Error{Code::cancelled, "was stopped while tasks were written"};
      if (k % 256 == 0) options_.progress.tell("writing tasks", k, order.size());
      text += k == 0 ? "\n" : ",\n";
      text += task(order[k], k);
      if (text.size() < flush_at) continue;
      VETSET_DO(out_.append(text));
      text.clear();
    }
    text += order.empty() ? "]\n" : "\n]\n";
    VETSET_DO(out_.append(text));
    VETSET_DO(out_.finish());
    for (std::size_t i = 0; i < d_.images.size(); ++i)
      if (const Text media = d_.images[i].media; !media.empty() && options_.images != ImagesMode::none)
        VETSET_DO(out_.copy(plan_.images[i].path, media_, d_.text(media)));
    for (std::size_t c = 0; c < d_.categories.size(); ++c) emission_.categories.push_back(to_index<CategoryIndex>(c));
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      emission_.splits.emplace_back(to_index<SplitIndex>(s), plan_.split_names[s]);
    return std::move(emission_);
  }

 private:
  /// Images of the first split, of the second, … and of none.
  std::vector<ImageIndex> in_order() const {
    std::vector<ImageIndex> order;
    std::vector<bool> placed(d_.images.size());
    const auto place = [&](ImageIndex image) {
      if (!placed[to_size(image)]) order.push_back(image);
      placed[to_size(image)] = true;
    };
    for (std::size_t s = 0; s < d_.splits.size() && !is_native(d_); ++s)
      for (const Membership& m : d_.members(to_index<SplitIndex>(s))) place(m.image);
    for (std::size_t i = 0; i < placed.size(); ++i) place(to_index<ImageIndex>(i));
    return order;
  }

  std::string task(ImageIndex image, std::size_t number) {
    const std::size_t i = to_size(image);
    TaskTarget target{.image = image, .id = std::to_string(number + 1), .annotations = by_image_.of(image)};
    if (is_native(d_)) target.id = d_.id_json(d_.image_ids, i);
    for (const SplitIndex s : splits_.of(image)) target.splits.push_back(plan_.split_names[to_size(s)]);
    emission_.names.push_back({.image = image,
                               .split = splits_.of(image).empty() ? none<SplitIndex> : splits_.of(image).front(),
                               .path = emission_.add_text(plan_.images[i].read_as)});
    std::vector<AnnotationIndex> emitted;
    std::string text = task_text(d_, target, plan_, options_.policies, emitted);
    for (const AnnotationIndex a : emitted)
      emission_.annotations.push_back({.from = static_cast<std::uint32_t>(a), .file = document_, .order = order_++});
    return text;
  }

  const Dataset& d_;
  const Tree& media_;
  TreeWriter& out_;
  const WriteOptions& options_;
  Plan plan_;
  Dataset::ImageAnnotations by_image_;
  Dataset::ImageSplits splits_;
  Emission emission_;
  Text document_;
  std::uint32_t order_ = 0;
};

}  // namespace

Plan plan_labelstudio(const Dataset& d, const WriteOptions& options) { return Planner(d, options).plan(); }

std::optional<std::string> refuses_labelstudio(const Dataset& d, const WriteOptions&) {
  for (const Category& c : d.categories) {
    if (c.name.empty()) return "a label is known by its name, and one class has none";
    if (!fits_xml(c.name))
      return "the name of a class cannot be written in a labelling config: '" + printable(c.name) + "'";
    if (c.supercategory && !fits_xml(*c.supercategory))
      return "a supercategory cannot be written in a labelling config: '" + printable(*c.supercategory) + "'";
  }
  for (const Attribute& row : d.attributes)
    if (row.owner == Owner::annotation && d.text(row.key) == marks_name)
      return "an attribute has the name '" + std::string(marks_name) + "', which vetset keeps for itself";
  return std::nullopt;
}

Result<Emission> write_labelstudio(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options) {
  if (auto why = refuses_labelstudio(d, options)) return Error{Code::refused, *std::move(why)};
  return Writer(d, media, out, options).write();
}

}  // namespace vetset::labelstudio_parts
