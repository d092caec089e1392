// Label Studio's tasks as a dataset: the config, then tasks in slices on any thread.
#include <algorithm>
#include <map>

#include "vetset/base/unicode.h"
#include "vetset/formats/labelstudio/labelstudio.h"
#include "vetset/image/probe.h"

namespace vetset::labelstudio_parts {
namespace {

std::string counted(std::size_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

bool is_litter(std::string_view path) { return path.starts_with('.') || path.starts_with("__MACOSX/"); }

/// Whether a file begins as a list of tasks does.
bool is_document(const Tree& tree, std::string_view path) {
  constexpr std::size_t looked_at = 64 * 1024;
  const Result<Bytes> bytes = tree.read(path, {0, looked_at});
  if (!bytes) return false;
  std::string_view text = *bytes;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '[') return false;
  const std::size_t second = text.find_first_not_of(" \t\r\n", first + 1);
  if (second == std::string_view::npos || text[second] != '{') return false;
  const auto has = [&](std::string_view key) { return text.find(key) != std::string_view::npos; };
  return (has("\"annotations\"") || has("\"completions\"") || has("\"predictions\"")) &&
         (has("\"data\"") || has("\"result\""));
}

bool is_config(const Tree& tree, std::string_view path) {
  const Result<Bytes> bytes = tree.read(path, {0, 4096});
  if (!bytes) return false;
  const std::string_view text = *bytes;
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    if (at + 1 < text.size() && (text[at + 1] == '?' || text[at + 1] == '!')) continue;
    return text.substr(at).starts_with("<View>") || text.substr(at).starts_with("<View ");
  }
  return false;
}

std::vector<std::string_view> files_of(const Tree& tree, std::string_view extension,
                                       bool (*is)(const Tree&, std::string_view)) {
  std::vector<std::string_view> found;
  for (const std::string_view path : tree.list())
    if (path.ends_with(extension) && !is_litter(path) && is(tree, path)) found.push_back(path);
  return found;
}

class Reader {
 public:
  Reader(const Tree& tree, const ReadOptions& options)
      : tree_(tree), options_(options), finder_(tree, options), findings_(options.limits.findings_per_code) {}

  Result<Reading> read() {
    d_.format = "labelstudio";
    const std::vector<std::string_view> documents =
        options_.only.empty() ? files_of(tree_, ".json", is_document) : std::vector<std::string_view>{options_.only};
    if (documents.empty() && !is_empty_export())
      return Error{Code::not_found,
                   "found no list of tasks: expected a JSON array of objects with data and annotations",
                   std::string(tree_.name())};
    VETSET_DO(read_configs());
    for (const std::string_view path : documents) VETSET_DO(read_document(path, documents.size() > 1));
    if (unmodelled_ > 0)
      notes_.push_back(counted(unmodelled_, "result") +
                       " of kinds that are kept as they are, and say nothing more here");
    finish();
    return Reading{std::move(d_), std::move(findings_), std::move(notes_)};
  }

 private:
  struct Slot {
    std::vector<Head> heads;
    std::vector<std::uint64_t> offsets;
    Parsed parsed;
    std::optional<std::pair<std::uint64_t, std::string>> broken = {};
  };

  bool is_empty_export() const {
    const auto path = std::find(tree_.list().begin(), tree_.list().end(), document_name);
    return path != tree_.list().end() && !files_of(tree_, ".xml", is_config).empty();
  }

  void tell(std::string_view code, Severity severity, std::string_view path, std::uint64_t offset, std::string message,
            std::string fix = {}) {
    findings_.add({.code = code,
                   .severity = severity,
                   .where = vetset::Place{.file = std::string(path), .offset = offset},
                   .message = std::move(message),
                   .fix = std::move(fix)});
  }

  Result<void> read_configs() {
    for (const std::string_view path : files_of(tree_, ".xml", is_config)) {
      VETSET_TRY(const Bytes bytes, tree_.read(path, {0, options_.limits.value_bytes}));
      const std::optional<Config> config = read_config(bytes, options_.limits);
      if (!config) {
        tell("FMT401", Severity::error, path, 0, "the labelling config cannot be read: no label of it is known",
             "export it again");
        continue;
      }
      notes_.push_back(counted(config->labels.size(), "label") + " from " + std::string(path));
      if (d_.residue.empty())
        JsonWriter(d_.residue)
            .begin_object()
            .key("config")
            .value(bytes.text())
            .key("image")
            .value(config->image_key)
            .end_object();
      if (config_.image_key.empty()) config_.image_key = config->image_key;
      for (const Config::Label& label : config->labels) {
        if (classes_.contains(label.name)) continue;
        config_.labels.push_back(label);
        class_named(label.name);
        Category& category = d_.categories.back();
        category.supercategory = label.supercategory;
        category.has_keypoints = label.has_points;
        category.keypoints = label.points;
        category.has_skeleton = label.has_edges;
        category.skeleton = label.edges;
        d_.category_ids.numbers.back() = label.id.value_or(Ids::absent);
      }
    }
    return {};
  }

  CategoryIndex class_named(const std::string& name) {
    const auto [at, is_new] = classes_.emplace(name, to_index<CategoryIndex>(d_.categories.size()));
    if (is_new) {
      d_.categories.push_back({.name = name});
      d_.category_ids.numbers.push_back(Ids::absent);
    }
    return at->second;
  }
  std::uint16_t layer_named(const std::string& name) {
    if (d_.layers.empty()) d_.layers.emplace_back();
    auto at = std::find(d_.layers.begin() + 1, d_.layers.end(), name);
    if (at == d_.layers.end()) at = d_.layers.insert(d_.layers.end(), name);
    return static_cast<std::uint16_t>(std::min<std::ptrdiff_t>(at - d_.layers.begin(), 0xffff));
  }
  void join_split(const std::string& name, ImageIndex image) {
    const auto [at, is_new] = splits_.emplace(name, d_.splits.size());
    if (is_new) {
      d_.splits.push_back({.name = name, .role = split_role(name), .origin = SplitOrigin::key});
      members_.emplace_back();
    }
    std::vector<ImageIndex>& members = members_[at->second];
    if (members.empty() || members.back() != image) members.push_back(image);
  }

  Result<void> read_document(std::string_view path, bool one_of_many) {
    VETSET_TRY(JsonSlicer slicer, JsonSlicer::open(tree_, path, {.limits = options_.limits}));
    const auto file = to_index<FileIndex>(d_.files.size());
    d_.files.push_back({.path = d_.add_text(path)});
    std::size_t first = d_.images.size();  // of the next slice
    std::uint32_t order = 0;
    const auto next = [&]() -> Result<std::optional<std::pair<JsonSlice, std::size_t>>> {
      if (options_.progress.stopped()) return Error{Code::cancelled, "was stopped while tasks were read"};
      VETSET_TRY(std::optional<JsonSlice> slice, slicer.next());
      if (!slice) return std::optional<std::pair<JsonSlice, std::size_t>>();
      if (!slice->records)
        return Error{Code::malformed, "expected an array of tasks, found an object", std::string(path)};
      options_.progress.tell("reading tasks", slice->first_record, 0);
      const std::size_t at = first + slice->first_record;
      return std::optional(std::pair(*std::move(slice), at));
    };
    const auto work = [&](std::pair<JsonSlice, std::size_t>& item) -> Result<Slot> {
      return parse(item.first, path, file, item.second);
    };
    const auto accept = [&](Slot&& slot) -> Result<void> {
      if (slot.broken) {
        VETSET_TRY(const LineColumn at, line_column(tree_, path, slot.broken->first));
        return Error{Code::malformed, slot.broken->second, std::string(path), at.line, at.column};
      }
      take(std::move(slot.parsed), order);
      for (std::size_t k = 0; k < slot.heads.size(); ++k)
        place(std::move(slot.heads[k]), slot.offsets[k], file, one_of_many ? stem_of(path) : std::string_view());
      return {};
    };
    VETSET_DO((options_.pool.in_order<std::pair<JsonSlice, std::size_t>, Slot>(next, work, accept)));
    d_.files[to_size(file)].bom = slicer.had_bom();
    if (const auto bad = slicer.bad_utf8()) tell("FMT401", Severity::error, path, *bad, "has bytes that are not UTF-8");
    return {};
  }

  Result<Slot> parse(const JsonSlice& slice, std::string_view path, FileIndex file, std::size_t first) const {
    Slot slot{.heads = {},
              .offsets = {},
              .parsed = {.part = {},
                         .names = {},
                         .layers = {},
                         .categories = {},
                         .findings = Findings(options_.limits.findings_per_code)}};
    JsonCursor in(slice.text, options_.limits.depth);
    const TaskContext context{config_, finder_, options_, tree_};
    while (in.next_record()) {
      const bool object = in.type() == JsonType::object;
      const std::string_view text = in.skip();
      if (in.failed()) break;
      const std::uint64_t offset = slice.offset + static_cast<std::uint64_t>(text.data() - slice.text.data());
      TaskSource source{.text = text, .offset = offset, .file = file, .path = path};
      source.image = to_index<ImageIndex>(first + slot.heads.size());
      slot.offsets.push_back(offset);
      if (object) {
        slot.heads.push_back(read_task(source, context, slot.parsed));
        continue;
      }
      slot.heads.emplace_back();
      slot.parsed.findings.add({.code = "FMT401",
                                .severity = Severity::error,
                                .where = vetset::Place{.file = std::string(path), .offset = offset},
                                .message = "expected a task, which is an object"});
    }
    if (in.failed()) slot.broken = std::pair(slice.offset + in.error_offset(), in.error_text());
    return slot;
  }

  void take(Parsed&& parsed, std::uint32_t& order) {
    std::vector<CategoryIndex> class_of;
    for (const std::string& name : parsed.names) class_of.push_back(class_named(name));
    std::vector<std::uint16_t> layer_of{0};
    for (const std::string& name : parsed.layers) layer_of.push_back(layer_named(name));
    for (Annotation& a : parsed.part.annotations) {
      if (a.category != none<CategoryIndex>) a.category = class_of[to_size(a.category)];
      a.layer = layer_of[a.layer];
      a.order = order++;
    }
    d_.append_annotations(std::move(parsed.part));
    findings_.append(std::move(parsed.findings));
    unmodelled_ += parsed.unmodelled;
  }

  void place(Head&& head, std::uint64_t offset, FileIndex file, std::string_view document) {
    const auto index = to_index<ImageIndex>(d_.images.size());
    Image image{.path = d_.add_text(head.path), .width = head.width, .height = head.height, .file = file};
    if (!head.found.media.empty()) image.media = image.path;
    image.state = head.state;
    image.size_origin = head.size_origin;
    d_.images.push_back(image);
    d_.image_positions.push_back(Position::at(file, offset));
    const std::int64_t number = number_of_id(head.id);
    if (number == Ids::odd) d_.image_ids.tokens.push_back({static_cast<std::uint32_t>(index), d_.add_text(head.id)});
    d_.image_ids.numbers.push_back(number);
    if (!head.residue.empty())
      image_residues_.push_back({Owner::image, static_cast<std::uint32_t>(index), d_.add_text(head.residue)});
    for (const std::string& name : head.splits) join_split(name, index);
    if (head.splits.empty() && !document.empty()) join_split(std::string(document), index);
  }

  void finish() {
    for (std::size_t s = 0; s < members_.size(); ++s)
      for (std::size_t i = 0; i < members_[s].size(); ++i)
        d_.memberships.push_back(
            {.split = to_index<SplitIndex>(s), .image = members_[s][i], .order = static_cast<std::uint32_t>(i)});
    finish_columns(d_, std::move(image_residues_));
  }

  const Tree& tree_;
  const ReadOptions& options_;
  Finder finder_;
  Dataset d_;
  Findings findings_;
  std::vector<std::string> notes_;
  Config config_;
  std::map<std::string, CategoryIndex, std::less<>> classes_;
  std::map<std::string, std::size_t, std::less<>> splits_;
  std::vector<std::vector<ImageIndex>> members_;  // by split
  std::vector<Residue> image_residues_;
  std::uint64_t unmodelled_ = 0;
};

}  // namespace

Detection detect_labelstudio(const Tree& tree) {
  Detection seen;
  std::size_t looked = 0;
  for (const std::string_view path : tree.list()) {
    if (!path.ends_with(".json") || is_litter(path)) continue;
    if (++looked > 20) break;
    if (!is_document(tree, path)) continue;
    seen.score = 90;
    seen.dialect = "json";
    seen.evidence.push_back(std::string(path) +
                            " is a list of tasks with data and annotations, as Label Studio has it");
    return seen;
  }
  if (!tree.contains(document_name) || !tree.contains(config_name) || !is_config(tree, config_name)) return seen;
  seen.score = 90;
  seen.evidence.push_back(std::string(config_name) + " is a labelling config, beside " + std::string(document_name));
  return seen;
}

Result<Reading> read_labelstudio(const Tree& tree, const ReadOptions& options) { return Reader(tree, options).read(); }

}  // namespace vetset::labelstudio_parts
