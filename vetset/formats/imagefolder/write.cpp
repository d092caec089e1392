// A dataset as class folders: each image, as it is, in the folder of its class.
#include <algorithm>
#include <map>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/formats/imagefolder/imagefolder.h"
#include "vetset/image/probe.h"

namespace vetset::imagefolder_parts {
namespace {

class Writer {
 public:
  Writer(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options, Plan plan)
      : d_(d), media_(media), out_(out), options_(options), plan_(std::move(plan)) {}

  Result<Emission> write() {
    VETSET_DO(write_names());
    VETSET_DO(write_list());
    VETSET_DO(copy_images());
    tell_names();
    tell_annotations();
    tell_categories();
    for (std::size_t s = 0; s < plan_.splits.size(); ++s)
      if (!plan_.splits[s].empty()) emission_.splits.emplace_back(to_index<SplitIndex>(s), plan_.splits[s]);
    return std::move(emission_);
  }

 private:
  /// What classes are called whose names cannot be folders.
  Result<void> write_names() {
    std::map<std::string_view, std::string_view> names;
    for (std::size_t c = 0; c < plan_.folders.size(); ++c)
      if (!plan_.folders[c].empty() && plan_.folders[c] != d_.categories[c].name)
        names.emplace(plan_.folders[c], d_.categories[c].name);
    if (names.empty()) return {};
    std::string json;
    JsonWriter w(json);
    w.begin_object();
    for (const auto& [folder, name] : names) w.key(folder).value(name);
    w.end_object();
    return out_.write(names_name, pretty_json(json) + "\n");
  }

  bool is_copied(const Target& t) const { return options_.images != ImagesMode::none && !d_[t.image].media.empty(); }
  Result<void> write_list() {
    std::string text;
    for (const Target& t : plan_.targets)
      if (!is_copied(t) || !has_image_extension(t.path)) text.append(t.path).append("\n");
    return text.empty() ? Result<void>() : out_.write(list_name, text);
  }

  Result<void> copy_images() {
    constexpr std::size_t grain = 256;
    const std::size_t count = plan_.targets.size();
    std::vector<std::optional<Error>> errors((count + grain - 1) / grain);
    const auto work = [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end && !options_.progress.stopped(); ++i) {
        const Target& t = plan_.targets[i];
        if (!is_copied(t)) continue;
        if (Result<void> done = out_.copy(t.path, media_, d_.text(d_[t.image].media)); !done) {
          errors[begin / grain] = std::move(done).error();
          return;
        }
      }
    };
    options_.progress.tell("writing images", 0, count);
    (out_.concurrent() ? options_.pool : Pool(1)).for_ranges(count, grain, work);
    if (options_.progress.stopped()) return Error{Code::cancelled, "was stopped while images were written"};
    for (std::optional<Error>& error : errors)
      if (error) return *std::move(error);
    options_.progress.tell("writing images", count, count);
    return {};
  }

  void tell_names() {
    for (const Target& t : plan_.targets)
      emission_.names.push_back({.image = t.image, .split = t.split, .path = emission_.add_text(t.path)});
  }

  /// A class stands in its folder's list as its image does: by rank. Copies of an image have it too, told by nobody.
  void tell_annotations() {
    struct Copy {
      CategoryIndex category;
      Text folder;
      std::uint32_t rank;
    };
    std::vector<std::vector<Copy>> copies(d_.images.size());
    std::string_view folder;
    Text text{};
    std::uint32_t rank = 0;
    for (const Target& t : plan_.targets) {
      if (t.category == none<CategoryIndex>) continue;
      if (t.folder != folder) folder = t.folder, text = emission_.add_text(folder), rank = 0;
      copies[to_size(t.image)].push_back({t.category, text, rank++});
    }
    for (std::size_t i = 0; i < d_.annotations.size(); ++i) {
      const Annotation& a = d_.annotations[i];
      if (!gives_class(a, options_.policies)) continue;
      const auto& of = copies[to_size(a.image)];
      const auto copy = std::find_if(of.begin(), of.end(), [&](const Copy& c) { return c.category == a.category; });
      if (copy != of.end())
        emission_.annotations.push_back(
            {.from = static_cast<std::uint32_t>(i), .file = copy->folder, .order = copy->rank});
    }
  }

  void tell_categories() {
    for (std::size_t c = 0; c < plan_.folders.size(); ++c)
      if (!plan_.folders[c].empty()) emission_.categories.push_back(to_index<CategoryIndex>(c));
    std::sort(emission_.categories.begin(), emission_.categories.end(),
              [&](CategoryIndex a, CategoryIndex b) { return plan_.folders[to_size(a)] < plan_.folders[to_size(b)]; });
  }

  const Dataset& d_;
  const Tree& media_;
  TreeWriter& out_;
  const WriteOptions& options_;
  Plan plan_;
  Emission emission_;
};

}  // namespace

std::optional<std::string> refuses_imagefolder(const Dataset& d, const WriteOptions& options) {
  std::uint64_t classed = 0, objects = 0;
  for (const Annotation& a : d.annotations) {
    if (a.image == none<ImageIndex> || a.category == none<CategoryIndex>) continue;
    classed += gives_class(a, options.policies) ? 1U : 0U;
    objects += is_tag(a) ? 0U : 1U;
    if (gives_class(a, options.policies) && invalid_utf8(d[a.category].name))
      return "class '" + printable(d[a.category].name) + "' is not UTF-8, so no folder can be called by it";
  }
  if (classed > 0) return std::nullopt;
  return "no image has a class, and class folders hold nothing else" +
         std::string(objects > 0 ? ": objects=tag gives images the classes of their objects" : "");
}

Result<Emission> write_imagefolder(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options) {
  if (auto why = refuses_imagefolder(d, options)) return Error{Code::refused, *std::move(why)};
  std::optional<Plan> plan = plan_folders(d, options);
  if (!plan)
    return Error{Code::refused, "no folders would say which images are for training and which class they have"};
  return Writer(d, media, out, options, *std::move(plan)).write();
}

}  // namespace vetset::imagefolder_parts
