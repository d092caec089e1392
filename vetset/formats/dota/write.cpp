// A dataset as a DOTA tree: images/ and labelTxt/, in a folder for each split.
#include <algorithm>
#include <map>
#include <unordered_set>

#include "vetset/formats/dota/dota.h"
#include "vetset/formats/names.h"
#include "vetset/image/probe.h"

namespace vetset::dota_parts {
namespace {

/// Where an image and its labels go.
struct Target {
  ImageIndex image{};
  SplitIndex split = none<SplitIndex>;
  std::string image_path, label_path;
  bool labelled = true;  // gets a label file
};

class Writer {
 public:
  Writer(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options)
      : d_(d), media_(media), out_(out), options_(options), words_(class_words(d)) {}

  Result<Emission> write() {
    by_image_ = d_.image_annotations();
    if (!plan_as_read()) plan_new();
    VETSET_DO(write_classes());
    std::size_t done = 0;
    for (const Target& target : targets_) {
      if (options_.progress.stopped()) return Error{Code::cancelled, "was stopped while labels were written"};
      if (done++ % 256 == 0) options_.progress.tell("writing labels", done, targets_.size());
      VETSET_DO(write_target(target));
    }
    for (std::size_t s = 0; s < folders_.size(); ++s)
      emission_.splits.emplace_back(to_index<SplitIndex>(s), std::string(base_name(folders_[s])));
    return std::move(emission_);
  }

 private:
  bool labelled(ImageIndex i) const { return has_label_file(d_, d_[i], !by_image_.of(i).empty()); }
  bool copies(const Image& image) const { return options_.images != ImagesMode::none && !image.media.empty(); }

  /// The places of the source, where it was DOTA and its folders still say what the dataset says.
  bool plan_as_read() {
    if (d_.format != "dota") return false;
    const Dataset::ImageSplits splits = d_.image_splits();
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      const auto index = to_index<ImageIndex>(i);
      const Image& image = d_[index];
      const std::string_view path = d_.path(index);
      const auto in = splits.of(index);
      Target target{.image = index,
                    .split = in.empty() ? none<SplitIndex> : in.front(),
                    .image_path = std::string(path),
                    .label_path = image.file == none<FileIndex> ? std::string() : std::string(d_.path(image.file)),
                    .labelled = image.file != none<FileIndex>};
      const bool moved = !image.media.empty() && d_.text(image.media) != path;
      const std::string_view root = in.empty() ? std::string_view() : std::string_view(d_[in.front()].folder);
      const auto place = target.labelled ? label_place(target.label_path) : image_place(path);
      const bool found_alone = !target.labelled || image_stem(target.label_path) == stem_path(path);
      if (path_problem(path) || moved || in.size() > 1 || !seen.insert(path).second || !place || place->root != root ||
          (!copies(image) && !found_alone) || (!target.labelled && !by_image_.of(index).empty()) ||
          (target.labelled && path_problem(target.label_path))) {
        targets_.clear();
        return false;
      }
      targets_.push_back(std::move(target));
    }
    for (const Split& split : d_.splits) folders_.push_back(split.folder);
    return true;
  }

  void plan_new() {
    constexpr std::string_view taken_words[] = {"images", "annfiles"};
    TakenNames names;
    for (const std::string_view word : taken_words) names.take(std::string(word));
    for (const Split& split : d_.splits) {
      std::string word = as_word(split.name);
      if (word.empty() || word.starts_with("labelTxt") || word.starts_with('.')) word = "split_" + word;
      folders_.push_back(names.take(word));
    }
    std::vector<bool> placed(d_.images.size());
    for (const Membership& m : d_.memberships) {
      add_target(m.image, m.split, folders_[to_size(m.split)] + "/");
      placed[to_size(m.image)] = true;
    }
    for (std::size_t i = 0; i < d_.images.size(); ++i)
      if (!placed[i]) add_target(to_index<ImageIndex>(i), none<SplitIndex>, "");
  }

  /// Names are flat, as loaders look into one folder only.
  void add_target(ImageIndex i, SplitIndex split, const std::string& folder) {
    constexpr std::string_view own[] = {"images", "labelTxt"};
    std::string_view path = d_.path(i);
    if (split != none<SplitIndex>)
      for (const std::string& said : {d_[split].folder, std::string("images"), d_[split].name})
        if (!said.empty() && path.starts_with(said + "/")) path.remove_prefix(said.size() + 1);
    std::string name = clean_name(path, own);
    std::replace(name.begin(), name.end(), '/', '_');
    std::string free = name;
    for (unsigned n = 1; !labels_taken_.insert(collision_key(folder + std::string(stem_path(free)))).second; ++n)
      free = numbered(name, n);
    targets_.push_back({.image = i,
                        .split = split,
                        .image_path = folder + "images/" + free,
                        .label_path = folder + "labelTxt/" + std::string(stem_path(free)) + ".txt",
                        .labelled = labelled(i)});
  }

  /// Rows tell which classes there are; a list is written only where they do not tell all, or another order.
  Result<void> write_classes() {
    std::vector<std::string> used;
    std::vector<bool> met(d_.categories.size());
    for (std::size_t i = 0; i < d_.annotations.size(); ++i) {
      const CategoryIndex c = d_.annotations[i].category;
      if (c == none<CategoryIndex> || met[to_size(c)] ||
          !is_written(d_, to_index<AnnotationIndex>(i), options_.policies))
        continue;
      met[to_size(c)] = true;
      used.push_back(words_[to_size(c)]);
    }
    for (std::size_t c = 0; c < d_.categories.size(); ++c) emission_.categories.push_back(to_index<CategoryIndex>(c));
    const bool told = std::any_of(targets_.begin(), targets_.end(), [](const Target& t) { return t.labelled; });
    if (told && ordered_classes(used, {}) == words_) return {};
    std::string text;
    for (const std::string& word : words_) text += word + "\n";
    return out_.write(classes_file, text);
  }

  Result<void> write_target(const Target& target) {
    const Image& image = d_[target.image];
    if (copies(image)) VETSET_DO(out_.copy(target.image_path, media_, d_.text(image.media)));
    if (copies(image) || target.labelled) {
      // An image that is not here is called by its label file, whose name has no extension to tell.
      const bool called = copies(image) || (image.width > 0 && image.height > 0);
      const std::string_view path = called ? std::string_view(target.image_path) : stem_path(target.image_path);
      emission_.names.push_back({.image = target.image, .split = target.split, .path = emission_.add_text(path)});
    }
    if (!target.labelled) return {};
    return out_.write(target.label_path, label_text(target));
  }

  std::string label_text(const Target& target) {
    const Image& image = d_[target.image];
    const bool native = d_.format == "dota" && image.file != none<FileIndex>;
    const File style = native ? d_[image.file] : File{};
    const std::string_view end_of_line = style.crlf ? "\r\n" : "\n";
    std::string text = style.bom ? "\xef\xbb\xbf" : "";
    std::uint32_t line = 0;
    const auto put = [&](std::string_view row) {
      text.append(row).append(end_of_line);
      ++line;
    };
    for (const Attribute& a : d_.attributes_of(Owner::image, to_size(target.image)))
      if (const auto header = header_line(d_, a)) put(*header);
    std::span<const Unread> unread = native ? unread_of(image.file) : std::span<const Unread>();
    const auto put_unread = [&](std::uint32_t before) {
      for (; !unread.empty() && unread.front().order < before; unread = unread.subspan(1))
        put(d_.text(unread.front().text));
    };
    Text file{};
    for (const AnnotationIndex i : by_image_.of(target.image)) {
      put_unread(d_[i].order);
      if (!is_written(d_, i, options_.policies)) continue;
      if (file.empty()) file = emission_.add_text(target.label_path);
      emission_.annotations.push_back({.from = static_cast<std::uint32_t>(i), .file = file, .order = line});
      put(row_of(i));
    }
    put_unread(~std::uint32_t{0});
    if (!style.final_newline && text.ends_with(end_of_line)) text.resize(text.size() - end_of_line.size());
    return text;
  }

  std::span<const Unread> unread_of(FileIndex file) const {
    const auto less = [](const Unread& row, FileIndex f) { return row.file < f; };
    const Unread* begin = std::lower_bound(d_.unread.begin(), d_.unread.end(), file, less);
    const Unread* end = begin;
    while (end != d_.unread.end() && end->file == file) ++end;
    return {begin, end};
  }

  std::string row_of(AnnotationIndex i) const {
    if (keeps_row(d_, i)) return std::string(d_.authored_text(i));
    const Annotation& a = d_[i];
    const Corners corners = *corners_for(d_, a);
    std::string row;
    for (const double number : corners) {
      append_number(row, number);
      row += ' ';
    }
    row += words_[to_size(a.category)];
    return row + (a.flags.is(Flag::difficult) ? " 1" : " 0");
  }

  const Dataset& d_;
  const Tree& media_;
  TreeWriter& out_;
  const WriteOptions& options_;
  std::vector<std::string> words_;    // of categories
  std::vector<std::string> folders_;  // of splits
  std::vector<Target> targets_;
  std::unordered_set<std::string> labels_taken_;
  Dataset::ImageAnnotations by_image_;
  Emission emission_;
};

}  // namespace

Result<Emission> write_dota(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options) {
  return Writer(d, media, out, options).write();
}

}  // namespace vetset::dota_parts
