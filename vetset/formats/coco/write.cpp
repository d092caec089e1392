// Writes COCO documents: records formatted on any thread, appended in order, one a line; then the images.
#include <algorithm>

#include "vetset/formats/coco/coco.h"

namespace vetset {
namespace {

constexpr std::size_t grain = 2048;

struct Range {
  std::size_t begin = 0, end = 0;
};

class CocoWriter {
 public:
  CocoWriter(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options)
      : d_(d), media_(media), out_(out), options_(options), plan_(plan_coco(d, options)) {}

  Result<Emission> write() {
    for (const CocoTarget& target : plan_.documents) VETSET_DO(write_document(target));
    if (options_.images != ImagesMode::none) VETSET_DO(copy_images());
    list_categories();
    return std::move(emission_);
  }

 private:
  Result<void> write_document(const CocoTarget& target) {
    const Split blank;
    const Split& split = target.split == none<SplitIndex> ? blank : d_[target.split];
    CocoRecordWriter writer{d_, plan_, options_.policies};
    if (plan_.native) std::copy(std::begin(split.styles), std::end(split.styles), writer.styles.begin());
    VETSET_DO(out_.begin(target.path));
    std::string text = "{\n";
    bool first = true;
    const auto separate = [&] {
      if (!first) text += ",\n";
      first = false;
    };
    const auto member = [&](std::string_view key) {
      separate();
      text += '"';
      text += key;
      text += "\":";
    };
    if (!split.info.empty()) member("info"), text += split.info;
    if (plan_.residues && !split.residue.empty()) {
      const std::size_t last = split.residue.rfind('}');
      if (last != std::string::npos && last > 1) {
        separate();
        text.append(split.residue, 1, last - 1);
      }
    }
    const bool native = plan_.native && target.split != none<SplitIndex>;
    if (!target.licences.empty() || (native && split.has_licences)) {
      member("licenses");
      append_array(text, target.licences, [&](LicenceIndex i) { writer.licence(text, i); });
    }
    if (!native || split.has_categories || !target.categories.empty()) {
      member("categories");
      append_array(text, target.categories, [&](CategoryIndex i) { writer.category(text, i); });
    }
    const Text path = emission_.add_text(target.path);
    if (!native || split.has_images || !target.images.empty()) {
      member("images");
      VETSET_DO(write_records(text, target.images, [&](std::string& to, ImageIndex i) { writer.image(to, i); }));
      std::uint32_t order = 0;
      for (const ImageIndex i : target.images) {
        emission_.images.push_back({static_cast<std::uint32_t>(i), path, order++});
        emission_.names.push_back({i, target.split, emission_.add_text(plan_.native ? d_.path(i) : file_name(i))});
      }
    }
    if (!native || split.has_annotations || !target.annotations.empty()) {
      member("annotations");
      VETSET_DO(write_records(text, target.annotations,
                              [&](std::string& to, AnnotationIndex i) { writer.annotation(to, i); }));
      std::uint32_t order = 0;
      for (const AnnotationIndex i : target.annotations)
        emission_.annotations.push_back({static_cast<std::uint32_t>(i), path, order++});
    }
    text += "\n}\n";
    VETSET_DO(out_.append(text));
    VETSET_DO(out_.finish());
    if (target.split != none<SplitIndex>) emission_.splits.emplace_back(target.split, target.split_name);
    return {};
  }

  template <class Index, class Append>
  static void append_array(std::string& text, const std::vector<Index>& records, const Append& append) {
    text += '[';
    for (const Index i : records) {
      text += text.back() == '[' ? "\n" : ",\n";
      append(i);
    }
    text += records.empty() ? "]" : "\n]";
  }

  /// Records in slices: `text` goes out before them, and is empty after.
  template <class Index, class Append>
  Result<void> write_records(std::string& text, const Column<Index>& records, const Append& append) {
    text += '[';
    VETSET_DO(out_.append(text));
    text.clear();
    std::size_t at = 0;
    const auto next = [&]() -> Result<std::optional<Range>> {
      if (options_.progress.stopped()) return Error{Code::cancelled, "stopped while writing"};
      if (at == records.size()) return std::optional<Range>();
      const Range range{at, std::min(records.size(), at + grain)};
      options_.progress.tell("writing", at, records.size());
      at = range.end;
      return std::optional(range);
    };
    const auto work = [&](Range& range) -> Result<std::string> {
      std::string slice;
      slice.reserve((range.end - range.begin) * 640);
      for (std::size_t k = range.begin; k < range.end; ++k) {
        slice += k == 0 ? "\n" : ",\n";
        append(slice, records[k]);
      }
      return slice;
    };
    const auto accept = [&](std::string&& slice) { return out_.append(slice); };
    VETSET_DO((options_.pool.in_order<Range, std::string>(next, work, accept)));
    text += records.empty() ? "]" : "\n]";
    return {};
  }

  std::string_view file_name(ImageIndex i) const { return plan_.file_names[to_size(i)]; }

  Result<void> copy_images() {
    struct Copy {
      std::string_view to, from;
    };
    std::vector<Copy> copies;
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      const std::string_view from = d_.text(d_.images[i].media);
      if (!from.empty()) copies.push_back({plan_.native ? from : std::string_view(plan_.media[i]), from});
    }
    const auto by_target = [](const Copy& a, const Copy& b) { return a.to < b.to; };
    std::sort(copies.begin(), copies.end(), by_target);
    const auto same = [](const Copy& a, const Copy& b) { return a.to == b.to; };
    copies.erase(std::unique(copies.begin(), copies.end(), same), copies.end());
    const Pool one(1);
    const Pool& pool = out_.concurrent() ? options_.pool : one;
    constexpr std::size_t batch = 256;
    for (std::size_t begin = 0; begin < copies.size(); begin += batch) {
      if (options_.progress.stopped()) return Error{Code::cancelled, "stopped while copying images"};
      options_.progress.tell("copying images", begin, copies.size());
      const std::size_t count = std::min(batch, copies.size() - begin);
      std::vector<Result<void>> done(count);
      pool.for_each(count,
                    [&](std::size_t k) { done[k] = out_.copy(copies[begin + k].to, media_, copies[begin + k].from); });
      for (Result<void>& result : done)
        if (!result) return std::move(result).error();
    }
    return {};
  }

  /// Categories in the order in which a reader meets them, document after document by path.
  void list_categories() {
    std::vector<const CocoTarget*> by_path;
    for (const CocoTarget& target : plan_.documents) by_path.push_back(&target);
    std::sort(by_path.begin(), by_path.end(),
              [](const CocoTarget* a, const CocoTarget* b) { return a->path < b->path; });
    std::vector<bool> met(d_.categories.size());
    for (const CocoTarget* target : by_path)
      for (const CategoryIndex c : target->categories)
        if (!met[to_size(c)]) {
          met[to_size(c)] = true;
          emission_.categories.push_back(c);
        }
  }

  const Dataset& d_;
  const Tree& media_;
  TreeWriter& out_;
  const WriteOptions& options_;
  CocoPlan plan_;
  Emission emission_;
};

}  // namespace

Result<Emission> write_coco(const Dataset& d, const Tree& media, TreeWriter& out, const WriteOptions& options) {
  return CocoWriter(d, media, out, options).write();
}

}  // namespace vetset
