// A DOTA tree as a dataset: label files and the images they speak of, splits by folder, classes by name.
#include <algorithm>
#include <map>
#include <set>

#include "vetset/formats/dota/dota.h"
#include "vetset/image/probe.h"

namespace vetset::dota_parts {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string counted(std::size_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

/// An image and its label file; one of the two may be missing.
struct Entry {
  std::string_view root;   // the folder of its split
  std::string name;        // the image's path, or what it would be called
  std::string_view media;  // where it lies; empty: nowhere
  std::string_view label;
};

/// Reads the lines of one label file.
class LineReader {
 public:
  LineReader(std::string_view path, std::string_view bytes, bool keep_rows, Dataset& part, Findings& findings)
      : path_(path), bytes_(bytes), keep_rows_(keep_rows), part_(part), findings_(findings) {}

  struct Names {
    std::vector<std::string> names;
    std::map<std::string, CategoryIndex, std::less<>> known;
    CategoryIndex find(std::string_view name) {
      if (const auto at = known.find(name); at != known.end()) return at->second;
      const auto index = to_index<CategoryIndex>(names.size());
      names.emplace_back(name);
      known.emplace(std::string(name), index);
      return index;
    }
  };

  /// Says how many rows and unreadable lines there are.
  std::size_t read(FileIndex file, ImageIndex image, Names& names, std::vector<Header>& headers, File& style) {
    style.bom = bytes_.starts_with(byte_order_mark);
    const std::size_t skipped = style.bom ? byte_order_mark.size() : 0;
    style.final_newline = bytes_.size() == skipped || bytes_.back() == '\n';
    style.crlf = all_crlf();
    bool at_top = true;
    std::size_t count = 0;
    for (std::size_t at = skipped; at < bytes_.size(); ++line_) {
      const std::size_t next = std::min(bytes_.find('\n', at), bytes_.size());
      const std::size_t end = next < bytes_.size() && style.crlf ? next - 1 : next;
      const std::string_view line = bytes_.substr(at, end - at);
      line_begin_ = at;
      at = next + 1;
      std::optional<Header> header = read_header(line);
      if (header && at_top) {
        headers.push_back(*std::move(header));
        continue;
      }
      at_top = false;
      count += read_line(line, header.has_value(), file, image, names) ? 1U : 0U;
    }
    return count;
  }

 private:
  bool all_crlf() const {
    std::size_t at = bytes_.find('\n');
    if (at == std::string_view::npos) return false;
    for (; at != std::string_view::npos; at = bytes_.find('\n', at + 1))
      if (at == 0 || bytes_[at - 1] != '\r') return false;
    return true;
  }

  void report(std::string_view code, Severity severity, std::string_view at, std::string message) {
    const auto offset = static_cast<std::size_t>(at.data() - bytes_.data());
    findings_.add({.code = code,
                   .severity = severity,
                   .where = Place{.file = std::string(path_),
                                  .offset = offset,
                                  .line = line_ + 1,
                                  .column = static_cast<std::uint32_t>(offset - line_begin_) + 1},
                   .message = std::move(message)});
  }

  bool read_line(std::string_view line, bool late_header, FileIndex file, ImageIndex image, Names& names) {
    RowFault fault;
    const std::optional<Row> row = late_header ? std::nullopt : read_row(line, fault);
    if (!row) {
      part_.unread.push_back({.file = file, .order = line_, .text = part_.add_text(line)});
      if (late_header) fault = {line, "a header stands below the first line that is none"};
      if (fault.why.empty()) return false;
      report("FMT401", Severity::error, fault.at, std::move(fault.why));
      return true;
    }
    Annotation a{.image = image, .category = names.find(row->category), .kind = Kind::quad, .order = line_};
    a.flags.set(Flag::difficult, difficult_of(*row));
    if (row->difficult && *row->difficult != "0" && *row->difficult != "1")
      report("FMT401", Severity::warning, *row->difficult,
             "the last word is '" + std::string(row->difficult->substr(0, 40)) + "', expected 0 or 1");
    a.shape = to_index<ShapeIndex>(part_.shapes.size());
    part_.shapes.push_back({.begin = part_.coordinates.size(), .count = 8, .kind = ShapeKind::numbers});
    part_.coordinates.append(row->corners);
    if (const auto around = envelope(row->corners)) {
      a.box = *around;
      a.box_origin = Origin::derived;
    }
    part_.annotations.push_back(a);
    part_.annotation_positions.push_back(Position::at(file, line_begin_));
    if (keep_rows_) part_.authored.push_back(part_.add_text(line));
    return true;
  }

  std::string_view path_, bytes_;
  bool keep_rows_;
  Dataset& part_;
  Findings& findings_;
  std::uint32_t line_ = 0;
  std::size_t line_begin_ = 0;
};

class Reader {
 public:
  Reader(const Tree& tree, const ReadOptions& options)
      : tree_(tree), options_(options), findings_(options.limits.findings_per_code) {}

  Result<Reading> read() {
    d_.format = "dota";
    if (!options_.only.empty())
      return Error{Code::usage, "expected a folder that holds images and labelTxt", options_.only};
    list_labels();
    list_images();
    VETSET_DO(pair());
    if (entries_.empty() && !tree_.contains(classes_file))
      return Error{Code::not_found, "found no folder labelTxt with text files in it", std::string(tree_.name())};
    add_rows_of_images();
    VETSET_DO(read_labels());
    VETSET_DO(name_categories());
    return Reading{std::move(d_), std::move(findings_), std::move(notes_)};
  }

 private:
  void report(std::string_view code, Severity severity, std::string_view file, std::string message,
              std::string fix = {}) {
    findings_.add({.code = code,
                   .severity = severity,
                   .where = Place{.file = std::string(file)},
                   .message = std::move(message),
                   .fix = std::move(fix)});
  }

  /// Text files in folders of labels; where there is no such folder, those that look like labels.
  void list_labels() {
    std::vector<std::string_view> others;
    for (const std::string_view path : tree_.list()) {
      if (!path.ends_with(".txt") || is_hidden(path) || path == classes_file) continue;
      (label_place(path) ? labels_ : others).push_back(path);
    }
    if (!labels_.empty()) return;
    for (const std::string_view path : others)
      if (const Result<Bytes> head = tree_.read(path, {0, 4096}); head && looks_like_labels(*head))
        labels_.push_back(path);
  }

  const Tree& media_tree() const { return options_.images != nullptr ? *options_.images : tree_; }

  void list_images() {
    for (const std::string_view path : media_tree().list())
      if (has_image_extension(path) && !is_hidden(path)) by_stem_[stem_of(path)].push_back(path);
  }

  /// The image of a label file: at the same place in a folder of images, else by its name in the folder of its split,
  /// else by its name alone. Several that fit alike are none.
  std::string_view image_of(std::string_view label) {
    const auto named = by_stem_.find(stem_of(label));
    if (named == by_stem_.end()) return {};
    const std::string wanted = image_stem(label);
    const auto place = label_place(label);
    const std::string_view root = place ? place->root : folder_of(label);
    std::vector<std::string_view> same, near, loose;
    for (const std::string_view path : named->second) {
      if (stem_path(path) == wanted) same.push_back(path);
      const auto there = image_place(path);
      if (there && there->root == root) near.push_back(path);
      if (!there || !place) loose.push_back(path);  // those of another split's folder are that split's
    }
    for (const auto* fit : {&same, &near, &loose}) {
      if (fit->size() > 1)
        report("FMT404", Severity::warning, label,
               "could speak of " + std::string((*fit)[0]) + " or of " + std::string((*fit)[1]),
               "give the images names that differ in more than their extension");
      if (!fit->empty()) return fit->size() == 1 || fit == &same ? fit->front() : std::string_view();
    }
    return {};
  }

  /// The name of an absent image: with its extension where the caller knows it.
  std::string absent_name(std::string_view label) const {
    std::string stem = image_stem(label);
    if (!options_.known_size) return stem;
    for (const std::string_view extension :
         {"", ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".PNG", ".JPG", ".JPEG", ".webp"})
      if (std::string path = stem + std::string(extension); options_.known_size(path)) return path;
    return stem;
  }

  Result<void> pair() {
    std::set<std::string_view> used;
    std::map<std::string, std::string_view> label_of;
    for (const std::string_view label : labels_) {
      const auto place = label_place(label);
      Entry entry{
          .root = place ? place->root : std::string_view(), .name = {}, .media = image_of(label), .label = label};
      if (entry.media.empty()) {
        entry.name = absent_name(label);
        if (!options_.known_size)
          report("FMT404", Severity::warning, label, "has no image: " + image_stem(label) + ".* is not here",
                 "add the image, or drop its labels");
      } else {
        entry.name = entry.media;
        used.insert(entry.media);
      }
      if (const auto [other, first] = label_of.emplace(entry.name, label); !first)
        return Error{Code::usage,
                     "two label files speak of " + entry.name + ": " + std::string(other->second) + " and " +
                         std::string(label) + "; give the folder of the one that is meant",
                     std::string(tree_.name())};
      entries_.push_back(std::move(entry));
    }
    if (options_.images == nullptr)
      for (const std::string_view path : tree_.list())
        if (has_image_extension(path) && !is_hidden(path) && !used.contains(path))
          if (const auto place = image_place(path))
            entries_.push_back({.root = place->root, .name = std::string(path), .media = path, .label = {}});
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return std::pair(a.root, std::string_view(a.name)) < std::pair(b.root, std::string_view(b.name));
    });
    return {};
  }

  void add_rows_of_images() {
    for (const Entry& e : entries_) {
      const auto index = to_index<ImageIndex>(d_.images.size());
      Image image{.path = d_.add_text(e.name)};
      if (!e.media.empty()) image.media = e.media == e.name ? image.path : d_.add_text(e.media);
      if (!e.label.empty()) {
        image.file = to_index<FileIndex>(d_.files.size());
        d_.files.push_back({.path = d_.add_text(e.label)});
      }
      d_.images.push_back(image);
      if (e.root.empty()) continue;
      if (d_.splits.empty() || d_.splits.back().folder != e.root) {
        const std::string_view name = base_name(e.root);
        d_.splits.push_back({.name = std::string(name),
                             .role = split_role(name),
                             .origin = SplitOrigin::folder,
                             .folder = std::string(e.root)});
        order_ = 0;
      }
      d_.memberships.push_back({to_index<SplitIndex>(d_.splits.size() - 1), index, order_++});
    }
    for (std::size_t s = 0; s < d_.splits.size(); ++s)
      notes_.push_back(d_.splits[s].name + ": " + counted(d_.members(to_index<SplitIndex>(s)).size(), "image") +
                       " in " + d_.splits[s].folder);
  }

  struct Run {
    std::size_t begin = 0, end = 0;
  };
  struct Slot {
    Run run;
    Dataset part;
    Findings findings;
    LineReader::Names names;
    std::vector<std::pair<std::size_t, std::vector<Header>>> headers;  // of images
  };

  Result<void> read_labels() {
    const bool keep_rows = options_.written_from == nullptr || !options_.written_from->authored.empty();
    constexpr std::size_t grain = 256;
    const std::size_t count = entries_.size();
    std::size_t at = 0;
    const auto next = [&]() -> Result<std::optional<Run>> {
      if (options_.progress.stopped()) return Error{Code::cancelled, "was stopped while labels were read"};
      options_.progress.tell("reading labels", at, count);
      if (at == count) return std::optional<Run>();
      const Run run{at, std::min(count, at + grain)};
      at = run.end;
      return std::optional(run);
    };
    const auto work = [&](Run& run) -> Result<Slot> {
      Slot slot{
          .run = run, .part = {}, .findings = Findings(options_.limits.findings_per_code), .names = {}, .headers = {}};
      for (std::size_t i = run.begin; i < run.end && !options_.progress.stopped(); ++i)
        VETSET_DO(read_entry(i, keep_rows, slot));
      return slot;
    };
    const auto accept = [&](Slot&& slot) -> Result<void> {
      std::vector<CategoryIndex> place;
      for (const std::string& name : slot.names.names) place.push_back(names_.find(name));
      for (Annotation& a : slot.part.annotations) a.category = place[to_size(a.category)];
      d_.append_annotations(std::move(slot.part));
      findings_.append(std::move(slot.findings));
      for (const auto& [image, headers] : slot.headers)
        for (const Header& h : headers)
          d_.attributes.push_back(
              {Owner::image, static_cast<std::uint32_t>(image), d_.add_text(h.key), d_.add_text(h.json)});
      return {};
    };
    return options_.pool.in_order<Run, Slot>(next, work, accept);
  }

  Result<void> read_entry(std::size_t i, bool keep_rows, Slot& slot) {
    const Entry& entry = entries_[i];
    Image& image = d_.images[i];
    measure(entry, image);
    if (entry.label.empty()) {
      image.state = ImageState::unlabelled;
      return {};
    }
    VETSET_TRY(const Bytes bytes, tree_.read(entry.label));
    if (bytes.size() > options_.limits.record_bytes)
      return Error{Code::limit, "is too large for a label file", std::string(entry.label)};
    std::vector<Header> headers;
    LineReader lines(entry.label, bytes, keep_rows, slot.part, slot.findings);
    const std::size_t count =
        lines.read(image.file, to_index<ImageIndex>(i), slot.names, headers, d_.files[to_size(image.file)]);
    if (!headers.empty()) slot.headers.emplace_back(i, std::move(headers));
    image.state = count > 0 ? ImageState::labelled : ImageState::labelled_empty;
    return {};
  }

  void measure(const Entry& entry, Image& image) const {
    if (options_.known_size)
      if (const auto known = options_.known_size(entry.name)) {
        std::tie(image.width, image.height) = *known;
        image.size_origin = SizeOrigin::header;
        return;
      }
    if (entry.media.empty() || !options_.probe_images) return;
    const Facts facts = probe_image(media_tree(), entry.media, {.tail = false});
    if (facts.status != Facts::Status::ok) return;
    image.width = facts.shown_width();
    image.height = facts.shown_height();
    image.size_origin = SizeOrigin::header;
  }

  Result<void> name_categories() {
    std::vector<std::string> listed;
    if (tree_.contains(classes_file)) {
      VETSET_TRY(const Bytes bytes, tree_.read(classes_file, {0, options_.limits.value_bytes}));
      std::string_view text = bytes;
      if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
      while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty() && std::none_of(line.begin(), line.end(), is_blank)) listed.emplace_back(line);
      }
      notes_.push_back(counted(listed.size(), "class name") + " from " + std::string(classes_file));
    }
    const std::vector<std::string> ordered = ordered_classes(names_.names, listed);
    for (const std::string& name : ordered) d_.categories.push_back({.name = name});
    std::map<std::string_view, CategoryIndex> place;
    for (std::size_t c = 0; c < ordered.size(); ++c) place.emplace(ordered[c], to_index<CategoryIndex>(c));
    for (Annotation& a : d_.annotations) a.category = place.at(names_.names[to_size(a.category)]);
    return {};
  }

  const Tree& tree_;
  const ReadOptions& options_;
  Dataset d_;
  Findings findings_;
  std::vector<std::string> notes_;
  std::vector<std::string_view> labels_;
  std::map<std::string_view, std::vector<std::string_view>> by_stem_;
  std::vector<Entry> entries_;  // by folder of the split, then name: one an image
  LineReader::Names names_;
  std::uint32_t order_ = 0;
};

}  // namespace

Result<Reading> read_dota(const Tree& tree, const ReadOptions& options) { return Reader(tree, options).read(); }

}  // namespace vetset::dota_parts
