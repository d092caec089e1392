// vetset queue: hands the labels that look wrong, and only those, to a labelling tool.
#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/predicted.h"
#include "cli/writing.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"

namespace vetset::cli {
namespace {

struct QueueFlags {
  std::string output, suspects;
  std::vector<std::string> select;
  unsigned top = 100, sample = 100, seed = 0;
  PredictedFlags predicted;
  WritingFlags writing;
};

/// Those of the chosen rules.
Result<void> select(Suspects& suspects, const std::vector<std::string>& words) {
  if (words.empty()) return {};
  for (const std::string& word : words)
    if (std::none_of(rules().begin(), rules().end(), [&](const Rule* rule) { return rule->code.starts_with(word); }))
      return Error{Code::usage, "'" + word + "' is the beginning of no rule's code"};
  std::erase_if(suspects.rows, [&](const Suspect& s) {
    return std::none_of(words.begin(), words.end(), [&](const std::string& word) { return s.code.starts_with(word); });
  });
  return {};
}

/// What is suspect: by a table, or by predictions.
Result<Suspects> find_suspects(Terminal& t, const QueueFlags& f, const Source& source, const Predicted& given,
                               const Common& common) {
  Suspects found;
  if (!f.suspects.empty()) {
    VETSET_TRY(found, read_suspects(source, f.suspects));
    found.out_of_fold = f.predicted.out_of_fold;
  } else {
    VETSET_TRY(found, suspects(source, {.probabilities = given.probabilities ? &*given.probabilities : nullptr,
                                        .predicted = given.predicted ? &*given.predicted : nullptr,
                                        .common = common}));
    for (const std::string& note : found.notes) t.say(note);
  }
  VETSET_DO(select(found, f.select));
  return found;
}

/// The files that the suspicion rests on, for the queue to name.
Result<std::vector<FileDigest>> files_of(const QueueFlags& f) {
  std::vector<FileDigest> files;
  for (const std::string* path : {&f.suspects, &f.predicted.predictions, &f.predicted.probabilities}) {
    std::error_code ignored;
    if (path->empty() || !std::filesystem::is_regular_file(*path, ignored)) continue;  // a folder of label files
    VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(*path));
    VETSET_TRY(const Bytes bytes, tree->read(tree->list().front()));
    files.push_back({std::string(base_name(*path)), bytes.text().size(), sha256(bytes.text())});
  }
  return files;
}

/// "31 to 96", "10".
std::string range(const Interval& i) {
  const auto whole = [](double value) { return with_commas(static_cast<std::uint64_t>(value + 0.5)); };
  return i.low == i.high ? whole(i.low) : whole(i.low) + " to " + whole(i.high);
}

std::string forecast_told(const Terminal& t, const Queue& q) {
  const bool known = std::any_of(q.forecasts.begin(), q.forecasts.end(), [](const Forecast& f) { return f.known; });
  if (!known)
    return "\n  " +
           wrapped("Nothing says beforehand how many of them are wrong: the first answers will.", 2, t.width());
  std::string text = "\n" + t.ink(Ink::bold, "How many are wrong, before anybody looked") + " (90 %)\n";
  for (const Forecast& f : q.forecasts)
    text += "  of the first " + padded(with_commas(f.first), 8) + range(f.interval) + "\n";
  text +=
      t.ink(Ink::dim,
            "  " + wrapped("The lower end counts what a model that is as sure as it is right would not disagree with "
                           "among faultless labels; the upper end all that it does not believe. Labels alone cannot "
                           "say more.",
                           2, t.width()));
  if (!q.out_of_fold)
    text += t.ink(Ink::yellow, "  not attested  ") +
            wrapped(
                "that the model had not seen these labels: one that has agrees with their errors, so the forecast "
                "may count too few",
                16, t.width());
  return text;
}

std::string told(const Terminal& t, const QueueReport& report) {
  const Queue& q = report.queue;
  const std::uint64_t top = q.strata.empty()                                    ? 0
                            : q.strata.front().taken == q.strata.front().size() ? q.strata.front().size()
                                                                                : 0;
  std::string text =
      t.ink(Ink::bold, counted(q.items.size(), "item") + " to look at") + " of " + counted(q.suspects, "suspect");
  if (top > 0) text += ": the first " + with_commas(top);
  if (q.items.size() > top)
    text += std::string(top > 0 ? ", and " : ": ") + with_commas(q.items.size() - top) +
            " drawn from the others with seed " + std::to_string(q.seed);
  text += "\n";
  std::map<std::string, std::uint64_t> codes;
  for (const QueueItem& item : q.items) ++codes[item.codes.front()];
  for (const auto& [code, count] : codes) {
    const Rule* const rule = find_rule(code);
    text += "  " + t.ink(Ink::yellow, padded(code, 7)) + " " + padded(with_commas(count), 6) + " " +
            (rule == nullptr ? "" : std::string(rule->title)) + "\n";
  }
  return text + forecast_told(t, q);
}

std::string command_of(const QueueFlags& f) {
  std::string command = "vetset queue " + shell_word(f.writing.src);
  const auto word = [&](std::string_view flag, const std::string& value, std::string_view usual = "") {
    if (value != usual) command += " " + std::string(flag) + " " + shell_word(value);
  };
  word("--suspects", f.suspects);
  word("--predictions", f.predicted.predictions);
  word("--match-images", f.predicted.match_images, "auto");
  word("--match-classes", f.predicted.match_classes, "auto");
  word("--probabilities", f.predicted.probabilities);
  word("--probabilities-paths", f.predicted.paths);
  word("--probabilities-classes", f.predicted.classes);
  word("--folds", f.predicted.folds);
  if (f.predicted.out_of_fold) command += " --out-of-fold";
  for (std::size_t i = 0; i < f.select.size(); ++i) command += (i == 0 ? " --select " : ",") + f.select[i];
  if (f.top != 100) command += " --top " + std::to_string(f.top);
  if (f.sample != 100) command += " --sample " + std::to_string(f.sample);
  if (f.seed != 0) command += " --seed " + std::to_string(f.seed);
  return command + " -o " + shell_word(f.output);
}

int run_queue(Terminal& t, const QueueFlags& f) {
  if (f.output.empty() && !f.writing.dry_run)
    return t.fail({Code::usage, "say where the queue goes with -o DIR, or --dry-run to see the forecast"});
  const bool predicted = !f.predicted.predictions.empty() || !f.predicted.probabilities.empty();
  if (f.suspects.empty() == !predicted)
    return t.fail(
        {Code::usage, "say what makes labels suspect: --predictions, --probabilities, or a table of --suspects"});
  const OpenOptions options = opening(t, f.writing);
  auto source = open(f.writing.src, options);
  if (!source) return t.fail(source.error());
  const auto given = read_predicted(f.predicted, *source, f.writing.src, options);
  if (!given) return t.fail(given.error());
  for (const std::string& note : given->notes) t.say(note);
  auto found = find_suspects(t, f, *source, *given, options.common);
  if (!found) return t.fail(found.error());
  auto files = files_of(f);
  if (!files) return t.fail(files.error());
  const auto report = queue(*source, *found,
                            {.top = f.top,
                             .sample = f.sample,
                             .seed = f.seed,
                             .probabilities = given->probabilities ? &*given->probabilities : nullptr,
                             .predicted = given->predicted ? &*given->predicted : nullptr,
                             .predictions = *std::move(files),
                             .common = options.common});
  if (!report) return t.fail(report.error());
  if (f.writing.json && f.writing.dry_run) {
    t.out(pretty_json(report->document) + "\n");
    return Exit::yes;
  }
  if (!f.writing.json) t.out(told(t, *report));
  if (f.writing.dry_run) {
    t.out(t.ink(Ink::green, "\ndry run") + ": nothing was written\n");
    return Exit::yes;
  }
  if (!f.writing.json) t.out("\n");
  const int status = write_out(t, *source, f.output, f.writing, command_of(f));
  if (status == Exit::yes && !f.writing.json)
    t.out("then: vetset review apply EXPORT " + shell_word(f.writing.src) + " --queue " +
          shell_word(f.output + ".queue.json") + " -o DST\n");
  return status;
}

constexpr Example examples[] = {
    {"vetset queue street --predictions results.json --out-of-fold --to cvat -o look",
     "objects that a model sees otherwise"},
    {"vetset queue street --probabilities p.npy --folds folds.csv --dry-run",
     "how many will be wrong, before anybody looked"},
    {"vetset queue street --suspects scores.csv --to coco -o look", "suspects that another program found"},
};

}  // namespace

extern const Command queue_command;
const Command queue_command{
    .name = "queue",
    .summary = "hand the labels that look wrong to a labelling tool, and say how many will be",
    .about =
        "The first suspects, all of them, and a drawn sample of the others, so that answers speak for all. Only their\n"
        "images go to the tool, with the labels that there are, the proposals, and a key on each. DST.queue.json "
        "lists\n"
        "the items; vetset review apply takes the tool's export back.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<QueueFlags>();
      a.positional("SRC", f->writing.src, "a dataset's folder, an archive, or one annotation file")
          .option("-o,--output", f->output, "DIR", "the folder to make")
          .option("--suspects", f->suspects, "FILE", "a CSV file of suspects with scores, made elsewhere")
          .list("--select", f->select, "CODES", "only suspects of these rules: codes, or beginnings of codes")
          .option("--top", f->top, "N", "the first so many suspects, all of them; 100 if not said")
          .option("--sample", f->sample, "N",
                  "so many of the others, drawn from tenths of the ranking; 100 if not said")
          .option("--seed", f->seed, "N", "of the drawing; 0 if not said");
      define_predicted(a, f->predicted);
      define_writing(a, f->writing, "the tool's format; that of SRC if not said");
      define_opening(a, f->writing);
      return [f](Terminal& t) { return run_queue(t, *f); };
    }};

}  // namespace vetset::cli
