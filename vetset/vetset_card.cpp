// card: collecting what is to be told of a dataset or a package.
#include "vetset/vetset_card.h"
#include "vetset/vetset_claims.h"

#include <algorithm>
#include <map>

#include "vetset/base/day.h"
#include "vetset/base/json.h"
#include "vetset/base/shell.h"
#include "vetset/base/unicode.h"
#include "vetset/check/words.h"
#include "vetset/dataset/canonical.h"
#include "vetset/package/attestation.h"
#include "vetset/package/croissant.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/seal.h"

namespace vetset {
namespace {

constexpr std::string_view forms[] = {"markdown", "html", "json", "croissant", "cyclonedx", "spdx"};

/// The last name of a path, without slashes at its end.
std::string called_name(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return std::string(base_name(path));
}

Result<Answers> answers_of(const Source& source, const CardOptions& options, Form form, bool package) {
  if (!options.answers.empty()) {
    VETSET_TRY(AnswerFile file, read_answer_file(options.answers));
    return std::move(file.answers);
  }
  const std::string path = std::string(package ? paths_of(form).added : "") + std::string(answers_path);
  if (!source.tree->contains(path)) return Answers();
  VETSET_TRY(const Bytes bytes, source.tree->read(path));
  return read_answers(bytes.text(), path);
}

/// What COCO documents and their like say of themselves: description, version, contributor, url, date.
std::vector<std::pair<std::string, std::string>> said_by(const Dataset& d) {
  std::vector<std::pair<std::string, std::string>> said;
  for (const Split& s : d.splits) {
    if (s.info.empty()) continue;
    const auto info = Json::parse(s.info);
    if (!info) continue;
    for (const auto& [key, value] : info->members()) {
      if (value.type() != JsonType::string && value.type() != JsonType::number) continue;
      std::pair<std::string, std::string> one{key, std::string(value.text())};
      if (!one.second.empty() && std::find(said.begin(), said.end(), one) == said.end()) said.push_back(std::move(one));
    }
  }
  return said;
}

std::string recheck_command(std::string_view kind, const std::string& called) {
  if (kind == "package") return "vetset verify " + called + " --key KEY.pub";
  return "vetset verify " + called + " --recheck " + std::string(kind);
}

Result<void> add_evidence(const Source& source, Form form, Card& card) {
  VETSET_TRY(const std::vector<Attestation> statements, read_attestations(*source.tree, form));
  for (const Attestation& a : statements) {
    const std::string kind(kind_of(a.bundle.statement.predicate_type));
    if (kind.empty()) continue;
    CardEvidence one{.kind = kind,
                     .path = a.path,
                     .hint = a.bundle.hint,
                     .result = {},
                     .recheck = recheck_command(kind, card.called),
                     .says = {}};
    if (const auto predicate = Json::parse(a.bundle.statement.predicate)) {
      one.result = predicate->text_or("result", "");
      if (kind != "package") one.says = sentence_of(kind, a.bundle.statement.predicate);
    }
    card.evidence.push_back(std::move(one));
  }
  return {};
}

Result<void> add_checks(const Source& source, const CardOptions& options, Card& card) {
  CheckOptions asked{.images = false, .common = options.common};
  VETSET_TRY(const CheckReport report, check(source, asked));
  card.checked = true;
  std::map<std::string, std::uint64_t> not_run;
  for (const RuleResult& r : report.rules) {
    if (!r.not_run.empty()) {
      ++not_run[r.not_run];
      continue;
    }
    ++card.rules_ran;
    if (r.count > 0)
      card.found.push_back({.code = std::string(r.rule->code),
                            .name = std::string(r.rule->name),
                            .title = std::string(r.rule->title),
                            .severity = std::string(name(r.severity)),
                            .count = r.count});
  }
  const auto gravity = [](const CardRule& r) { return r.severity == "error" ? 0 : r.severity == "warning" ? 1 : 2; };
  std::stable_sort(card.found.begin(), card.found.end(),
                   [&](const CardRule& a, const CardRule& b) { return gravity(a) < gravity(b); });
  card.rules_not_run.assign(not_run.begin(), not_run.end());
  return {};
}

void add_dataset(const Dataset& d, Card& card) {
  card.stats = stats_of(d);
  for (const Image& i : d.images) {
    if (i.media.empty()) ++card.images_missing;
    if (i.state == ImageState::unlabelled) ++card.images_unlabelled;
  }
  card.licences = licences_of(d);
  card.said = said_by(d);
}

void add_files(const std::vector<ManifestFile>& files, Card& card) {
  for (const Role role :
       {Role::table, Role::label, Role::media, Role::doc, Role::evidence, Role::croissant, Role::other}) {
    CardFiles of_role{.role = std::string(name(role))};
    for (const ManifestFile& f : files)
      if (f.role == role) {
        ++of_role.files;
        of_role.bytes += f.size;
      }
    if (of_role.files > 0) card.files.push_back(std::move(of_role));
  }
}

/// Of a dataset that is no package: its label files with their digests, and how many images there are.
Result<void> list_files(const Source& source, const CardOptions& options, Card& card) {
  const Dataset& d = source.dataset;
  std::vector<std::string_view> labels;
  for (const File& f : d.files)
    if (const std::string_view path = d.text(f.path); source.tree->contains(path)) labels.push_back(path);
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  const std::vector<MeasuredFile> measured =
      measure_files(*source.tree, labels, Pool(options.common.threads), options.common.progress, "hashing");
  if (options.common.progress.stopped()) return Error{Code::cancelled, "stopped"};
  Manifest& m = card.manifest;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!measured[i].trouble.empty()) return Error{Code::io, measured[i].trouble};
    m.files.push_back({std::string(labels[i]), measured[i].size, measured[i].digest, Role::label});
  }
  add_files(m.files, card);
  CardFiles media{.role = "media"};
  std::vector<std::string_view> images;
  for (const Image& i : d.images)
    if (!i.media.empty()) images.push_back(d.text(i.media));
  std::sort(images.begin(), images.end());
  images.erase(std::unique(images.begin(), images.end()), images.end());
  for (const std::string_view path : images) {
    VETSET_TRY(const std::uint64_t size, source.media().size(path));
    ++media.files;
    media.bytes += size;
  }
  if (media.files > 0) card.files.push_back(media);
  VETSET_TRY(const Identity labels_id, labels_identity(d, Pool(options.common.threads)));
  card.labels_id = labels_id.id.text();
  m.form = Form::directory;
  m.name = card.name;
  m.version = "0.0.0";
  m.media = source.images ? "external" : "files";
  m.labels_id = m.dataset_id = labels_id.id;
  return {};
}

/// Seconds since 1970 as a date and a time, in UTC.
std::string moment_of(std::int64_t epoch) {
  const std::int64_t second = ((epoch % 86400) + 86400) % 86400;
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return day_of(epoch) + "T" + two(second / 3600) + ":" + two(second / 60 % 60) + ":" + two(second % 60) + "Z";
}

std::string format_title(std::string_view id) {
  const Format* format = find_format(id);
  return format == nullptr ? std::string(id) : std::string(format->title);
}

void add_manifest(const Manifest& m, const std::string& labels_format, Card& card) {
  card.manifest = m;
  card.name = m.name;
  card.version = m.version;
  card.kind = m.form == Form::sealed ? "sealed folder" : "package";
  card.media = m.media;
  card.dataset_id = m.dataset_id.text();
  card.labels_id = m.labels_id.text();
  card.format = format_title(labels_format);
  if (m.epoch) card.built = moment_of(*m.epoch);
  add_files(m.files, card);
}

}  // namespace

std::string flowing(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (space && (out.empty() || out.back() == ' ')) continue;
    out += space ? ' ' : c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::vector<CardLicence> licence_of(const Card& card) {
  if (const std::string said = card.answers.text("rights.licence"); !said.empty())
    return {{.spdx = spdx_id(said, said), .name = said}};
  std::vector<CardLicence> all;
  for (const NamedLicence& l : card.licences) {
    CardLicence one{.spdx = l.spdx, .name = l.name.empty() ? l.url : l.name};
    const auto same = [&](const CardLicence& other) {
      return one.spdx.empty() ? other.name == one.name : other.spdx == one.spdx;
    };
    if (std::none_of(all.begin(), all.end(), same)) all.push_back(std::move(one));
  }
  return all;
}

Result<Card> card_of(const Source& source, const std::string& path, const CardOptions& options) {
  Card card;
  card.program = "vetset " + std::string(version());
  card.called = shell_word(path);
  card.today = options.today.empty() ? today() : options.today;
  card.name = called_name(path);
  card.kind = "dataset";
  card.format = source.format == nullptr ? std::string() : std::string(source.format->title);
  const bool of_tables = source.format != nullptr && source.format->id == "vetset";
  const Form form = of_tables ? Form::directory : Form::sealed;
  const std::string_view manifest_at = paths_of(form).manifest;
  const bool package = source.tree->contains(manifest_at);
  VETSET_TRY(card.answers, answers_of(source, options, form, package));
  if (package) {
    VETSET_TRY(const Bytes bytes, source.tree->read(manifest_at));
    const auto manifest = parse_manifest(bytes.text(), form);
    if (const auto* problem = std::get_if<ManifestProblem>(&manifest))
      return Error{Code::malformed, problem->code + ": " + problem->words, std::string(manifest_at)};
    const Manifest& m = std::get<Manifest>(manifest);
    add_manifest(m, of_tables ? source.dataset.format : m.format, card);
    card.package_id = sha256(bytes.text()).text();
    VETSET_DO(add_evidence(source, form, card));
  } else {
    VETSET_DO(list_files(source, options, card));
  }
  add_dataset(source.dataset, card);
  for (const Step& s : source.steps) card.steps.emplace_back(s.name, s.summary);
  if (options.check) VETSET_DO(add_checks(source, options, card));
  return card;
}

Card card_of(const Dataset& dataset, const Manifest& manifest, const Answers& answers, const std::vector<Step>& steps) {
  Card card;
  card.program = manifest.writer;
  card.called = ".";
  card.answers = answers;
  card.draft = true;
  add_manifest(manifest, dataset.format, card);
  add_dataset(dataset, card);
  for (const Step& s : steps) card.steps.emplace_back(s.name, s.summary);
  return card;
}

Result<AnswerFile> read_answer_file(const std::string& path) {
  AnswerFile file;
  if (path.empty()) return file;
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(path));
  VETSET_TRY(const Bytes bytes, tree->read(tree->list().front()));
  file.text = bytes.text();
  VETSET_TRY(file.answers, read_answers(file.text, path));
  return file;
}

std::vector<AddedFile> files_for_readers(const Manifest& draft, const Dataset& dataset, const AnswerFile& answers,
                                         const std::vector<Step>& steps) {
  const std::string folder(paths_of(draft.form).added);
  std::vector<AddedFile> files;
  if (!answers.text.empty()) files.push_back({folder + std::string(answers_path), answers.text, Role::doc});
  files.push_back(
      {folder + std::string(croissant_name), croissant_json(draft, dataset, answers.answers), Role::croissant});
  const auto listed = [&](std::string_view path) {
    return std::any_of(draft.files.begin(), draft.files.end(), [&](const ManifestFile& f) { return f.path == path; });
  };
  if (draft.form == Form::directory && !listed("README.md"))
    files.push_back({"README.md", to_markdown(card_page(card_of(dataset, draft, answers.answers, steps))), Role::doc});
  return files;
}

std::string card_questions() { return questionnaire(); }

Result<std::string> card(const Source& source, const std::string& path, const CardOptions& options) {
  if (std::find(std::begin(forms), std::end(forms), options.as) == std::end(forms))
    return Error{Code::usage,
                 "no form is called '" + options.as + "', expected markdown, html, json, croissant, cyclonedx or spdx"};
  if (options.annex_iv && options.as != "markdown" && options.as != "html")
    return Error{Code::usage, "the annex is a page, as markdown or html, and not " + options.as};
  VETSET_TRY(const Card made, card_of(source, path, options));
  if (options.as == "json") return pretty_json(card_json(made)) + "\n";
  if (options.as == "croissant") return croissant_json(made.manifest, source.dataset, made.answers);
  if (options.as == "cyclonedx") return cyclonedx_json(made);
  if (options.as == "spdx") return spdx_json(made);
  const Page page = options.annex_iv ? annex_page(made) : card_page(made);
  return options.as == "html" ? to_html(page) : to_markdown(page);
}

}  // namespace vetset
