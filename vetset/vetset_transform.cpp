// transform and combine: plans made of what people ask, the new dataset in the source's place, and a step that says
// what was done.
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "vetset/base/tree_union.h"
#include "vetset/scan/scan.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

std::string program() { return "vetset " + std::string(version()); }

std::string counted(std::uint64_t count, std::string_view word) {
  return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

bool is_regular_file(const std::string& path) {
  struct stat seen{};
  return stat(path.c_str(), &seen) == 0 && S_ISREG(seen.st_mode);
}

Result<std::string> read_text(const std::string& path) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(path));
  Result<Bytes> bytes = tree->read(tree->list().front());
  if (!bytes) return std::move(bytes).error();
  return std::string(bytes->text());
}

/// A class name a line.
Result<std::vector<std::string>> read_names(const std::string& path) {
  VETSET_TRY(const std::string text, read_text(path));
  std::string_view rest = text;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  std::vector<std::string> names;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) names.emplace_back(line);
  }
  if (names.empty()) return Error{Code::malformed, "names no class, expected a name a line", path};
  return names;
}

/// The classes of another dataset, or of a list.
Result<std::vector<std::string>> class_list(const std::string& path, const Common& common) {
  const bool document = path.ends_with(".json") || path.ends_with(".yaml") || path.ends_with(".yml");
  if (is_regular_file(path) && !document) {
    Result<std::unique_ptr<Tree>> archive = open_tree(path);
    if (!archive) return read_names(path);
  }
  OpenOptions opening;
  opening.probe_images = false;
  opening.common = common;
  Result<Source> other = open(path, opening);
  if (!other) return std::move(other).error();
  std::vector<std::string> names;
  for (const Category& c : other->dataset.categories) names.push_back(c.name);
  if (names.empty()) return Error{Code::usage, "has no classes", path};
  return names;
}

/// Words for names of classes: what a list says must not be taken for signs.
std::vector<std::string> escaped(const std::vector<std::string>& names) {
  std::vector<std::string> words;
  for (const std::string& name : names) {
    std::string& word = words.emplace_back();
    for (const char c : name) {
      if (c == '\\' || c == ',' || c == '=') word += '\\';
      word += c;
    }
  }
  return words;
}

/// Findings about records that went, go; the others follow their records.
void move_findings(std::vector<Finding>& findings, const Join& join) {
  const auto image = [&](ImageIndex i) { return join.images[to_size(i)]; };
  const auto annotation = [&](AnnotationIndex i) {
    const auto copies = join.of(i);
    return copies.empty() ? none<AnnotationIndex> : copies.front();
  };
  struct Move {
    const decltype(image)& of_image;
    const decltype(annotation)& of_annotation;
    const Join& join;
    bool operator()(std::monostate&) const { return true; }
    bool operator()(Place&) const { return true; }
    bool operator()(ImageIndex& i) const { return (i = of_image(i)) != none<ImageIndex>; }
    bool operator()(CategoryIndex& c) const { return (c = join.categories[to_size(c)]) != none<CategoryIndex>; }
    bool operator()(AnnotationIndex& i) const { return (i = of_annotation(i)) != none<AnnotationIndex>; }
    bool operator()(AnnotationPair& p) const { return (*this)(p.first) && (*this)(p.second); }
    bool operator()(ImagePair& p) const { return (*this)(p.first) && (*this)(p.second); }
  };
  std::vector<Finding> left;
  for (Finding& finding : findings)
    if (std::visit(Move{image, annotation, join}, finding.where)) left.push_back(std::move(finding));
  findings = std::move(left);
}

std::string summary_of(const TransformReport& r) {
  std::string out;
  const auto add = [&](const std::string& part) { out += (out.empty() ? "" : ", ") + part; };
  const auto changed = static_cast<std::uint64_t>(
      std::count_if(r.classes.begin(), r.classes.end(), [](const ClassChange& c) { return c.changed(); }));
  if (changed > 0) add(std::to_string(changed) + (changed == 1 ? " class" : " classes") + " changed");
  if (r.after.annotations < r.before.annotations)
    add(counted(r.before.annotations - r.after.annotations, "object") + " left out");
  if (r.after.images < r.before.images) add(counted(r.before.images - r.after.images, "image") + " left out");
  return out.empty() ? "nothing changed" : out;
}

// combine.

/// A folder's name for each source, unlike any other's.
std::vector<std::string> names_of(const std::vector<Source>& sources) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const Source& source : sources) {
    std::string_view path = source.tree->name();
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    std::string name(base_name(path));
    if (const std::string_view extension = extension_of(name);
        extension == "zip" || extension == "tar" || extension == "json" || extension == "yaml" || extension == "yml")
      name = stem_of(name);
    for (char& c : name)
      if (c == '\\' || c == ':' || static_cast<unsigned char>(c) < 0x20) c = '_';
    if (name == "." || path_problem(name)) name = "dataset";
    std::string free = name;
    for (unsigned n = 2; !taken.insert(free).second; ++n) free = name + "-" + std::to_string(n);
    names.push_back(std::move(free));
  }
  return names;
}

std::vector<std::string> media_paths(const Source& source, const std::string& folder) {
  std::vector<std::string> paths;
  for (const Image& image : source.dataset.images) {
    const std::string_view path = source.dataset.text(image.media);
    const bool elsewhere = source.images && source.images->contains(path);
    paths.push_back(path.empty() ? "" : folder + (elsewhere ? ".images/" : "/") + std::string(path));
  }
  return paths;
}

void take_findings(Source& all, std::vector<Finding>& findings, const std::string& folder, const United::Part& part) {
  struct Move {
    const std::string& folder;
    const United::Part& part;
    bool operator()(std::monostate&) const { return true; }
    bool operator()(Place& p) const {
      p.file = folder + "/" + p.file;
      return true;
    }
    bool operator()(ImageIndex& i) const {
      i = to_index<ImageIndex>(to_size(i) + part.first_image);
      return true;
    }
    bool operator()(AnnotationIndex& i) const {
      i = to_index<AnnotationIndex>(to_size(i) + part.first_annotation);
      return true;
    }
    bool operator()(CategoryIndex&) const { return false; }  // classes of several sources are one
    bool operator()(AnnotationPair& p) const { return (*this)(p.first) && (*this)(p.second); }
    bool operator()(ImagePair& p) const { return (*this)(p.first) && (*this)(p.second); }
  };
  for (Finding& finding : findings)
    if (std::visit(Move{folder, part}, finding.where)) all.findings.push_back(std::move(finding));
}

Result<CombineRules> rules_of(const CombineOptions& options) {
  CombineRules rules;
  rules.split_from_source = options.split_from_source;
  if (!options.map.empty()) {
    VETSET_TRY(const std::string text, read_text(options.map));
    VETSET_TRY(rules.map, parse_class_map(text, options.map));
  }
  for (const std::string& word : with_commas_kept(options.rename)) {
    const WordPair pair = word_pair(word);
    if (pair.first.empty() || !pair.second || pair.second->empty())
      return Error{Code::usage, "expected old=new after --rename, found '" + word + "'"};
    rules.map.push_back({{}, pair.first, *pair.second, {}});
  }
  return rules;
}

/// Looks for images of the same bytes, and leaves out copies where that is asked for.
Result<void> look_for_copies(Combination& all, const CombineOptions& options, const Pool& pool) {
  Dataset& d = all.source.dataset;
  VETSET_TRY(const std::vector<Facts> facts, scan(d, all.source.media(), pool, options.common.progress,
                                                  {.digests = Digests::where_equal_size, .headers = false}));
  std::vector<std::optional<Digest>> digests;
  for (const Facts& f : facts) digests.push_back(f.has_digest ? std::optional(f.digest) : std::nullopt);
  Selection selection{.images = std::vector<bool>(d.images.size(), true)};
  for (const ImageCopy& copy : equal_images(d, digests)) {
    all.report.copies.push_back({std::string(d.path(copy.first)), std::string(d.path(copy.copy)), copy.equal});
    if (!copy.equal || !options.drop_copies) continue;
    selection.images[to_size(copy.copy)] = false;
    ++all.report.dropped;
  }
  if (all.report.dropped == 0) return {};
  Selected left = selected(std::move(d), selection);
  move_findings(all.source.findings, left.join);
  d = std::move(left.dataset);
  all.report.after = counts_of(d);
  return {};
}

}  // namespace

Result<TransformReport> transform(Source& source, const TransformOptions& options) {
  TransformRules rules = options.rules;
  Dataset& d = source.dataset;
  if (rules.classes.order.size() == 1 && is_regular_file(rules.classes.order.front()) &&
      std::none_of(d.categories.begin(), d.categories.end(),
                   [&](const Category& c) { return c.name == rules.classes.order.front(); })) {
    VETSET_TRY(const std::vector<std::string> names, read_names(rules.classes.order.front()));
    rules.classes.order = escaped(names);
  }
  if (!options.classes_from.empty()) {
    VETSET_TRY(rules.classes.exactly, class_list(options.classes_from, options.common));
    rules.classes.exactly_from = options.classes_from;
  }
  VETSET_TRY(const TransformPlan plan, plan_transform(d, rules, Pool(options.common.threads)));
  TransformReport report{.before = counts_of(d), .classes = plan.classes, .emptied = plan.emptied};
  for (const Gone gone : plan.objects) ++report.objects[static_cast<std::size_t>(gone)];
  for (const Gone gone : plan.images) ++report.images[static_cast<std::size_t>(gone)];
  if (report.before.images > 0 && report.images[static_cast<std::size_t>(Gone::stays)] == 0)
    return Error{Code::refused, "of " + counted(report.before.images, "image") +
                                    " none is left; expected conditions that some image meets"};
  report.after = {
      .images = report.images[static_cast<std::size_t>(Gone::stays)],
      .annotations = report.objects[static_cast<std::size_t>(Gone::stays)],
      .categories = plan.classes.empty() ? report.before.categories : plan.selection.classes->classes.size(),
      .splits = report.before.splits};
  report.document = transform_document(d, rules, plan, report.after, program());
  Selected result = selected(std::move(d), plan.selection);
  d = std::move(result.dataset);
  move_findings(source.findings, result.join);
  source.steps.push_back({"transform", summary_of(report), report.document});
  return report;
}

Result<Combination> combine(std::vector<Source> sources, const CombineOptions& options) {
  if (sources.size() < 2)
    return Error{Code::usage, "found " + counted(sources.size(), "dataset") + ", expected two or more to combine"};
  VETSET_TRY(const CombineRules rules, rules_of(options));
  const std::vector<std::string> names = names_of(sources);
  Combination all;
  std::vector<CombineInput> inputs;
  std::vector<TreePart> trees;
  std::string name;
  all.source.format = sources.front().format;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    Source& source = sources[s];
    if (source.format != all.source.format) all.source.format = nullptr;
    inputs.push_back({names[s], {}, media_paths(source, names[s])});
    inputs.back().dataset = std::move(source.dataset);
    name += (s == 0 ? "" : "+") + names[s];
  }
  VETSET_TRY(Combined made, combined(std::move(inputs), rules));
  for (std::size_t s = 0; s < sources.size(); ++s) {
    Source& source = sources[s];
    take_findings(all.source, source.findings, names[s], made.united.parts[s]);
    for (const std::string& note : source.notes) all.source.notes.push_back(names[s] + ": " + note);
    for (Step& step : source.steps) all.source.steps.push_back(std::move(step));
    if (source.images) trees.push_back({names[s] + ".images", std::move(source.images)});
    trees.push_back({names[s], std::move(source.tree)});
  }
  all.source.tree = unite_trees(std::move(trees), name);
  all.source.dataset = std::move(made.united.dataset);
  all.report = std::move(made.report);
  if (options.compare_images || options.drop_copies)
    VETSET_DO(look_for_copies(all, options, Pool(options.common.threads)));
  all.document = combine_document(all.report, program());
  all.source.steps.push_back({"combine", counted(sources.size(), "dataset") + " as one: " + name, all.document});
  return all;
}

}  // namespace vetset
