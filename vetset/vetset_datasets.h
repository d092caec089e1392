// What is done with datasets: opened, looked at, checked, repaired, split, converted, evaluated. One half of the
// façade; include vetset.h.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/check/config.h"
#include "vetset/check/consumer.h"
#include "vetset/check/contract_findings.h"
#include "vetset/check/own_rules.h"
#include "vetset/check/repair.h"
#include "vetset/check/rule.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/diff.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/finding.h"
#include "vetset/dataset/handed.h"
#include "vetset/dataset/predicted_objects.h"
#include "vetset/dataset/predictions.h"
#include "vetset/dataset/probabilities.h"
#include "vetset/dataset/queue.h"
#include "vetset/dataset/rater_agreement.h"
#include "vetset/dataset/statement.h"
#include "vetset/dataset/stats.h"
#include "vetset/dataset/suspects.h"
#include "vetset/evaluate/coco.h"
#include "vetset/evaluate/leak_price.h"
#include "vetset/formats/format.h"
#include "vetset/scan/contact_sheet.h"
#include "vetset/scan/find_links.h"
#include "vetset/scan/scan.h"
#include "vetset/split/claim.h"
#include "vetset/split/split.h"
#include "vetset/transform/combine.h"
#include "vetset/transform/dedup.h"
#include "vetset/transform/transform.h"

namespace vetset {

std::string_view version();  // "0.1.0"

/// What all verbs take.
struct Common {
  unsigned threads = 0;  // 0: what the machine has
  Limits limits = {};
  Progress progress = {};
};

struct OpenOptions {
  std::string from = {};        // format id, or id:dialect where data alone cannot tell; empty: detect
  std::string images_dir = {};  // where to look for images first
  bool probe_images = true;     // read image headers where sizes are needed
  bool digests = true;          // of files that predictions are read from
  Common common = {};
};

/// A dataset that was opened: the tree it lies in, what was read, and how.
struct Source {
  std::unique_ptr<Tree> tree;
  std::unique_ptr<Tree> images;  // of --images-dir; null: `tree`
  std::string only = {};         // the one annotation file that was named; empty: all
  const Format* format = nullptr;
  Detection detection;
  Dataset dataset;
  std::vector<Finding> findings;  // of the reader
  std::vector<std::pair<std::string_view, std::uint64_t>> finding_counts;
  std::vector<std::string> notes;
  std::vector<Step> steps = {};  // what was done to the dataset since it was read: fix, split, transform, combine
  /// Files that a step changed, as they were: each in one of the trees below the one that shows it.
  struct Original {
    const Tree* tree = nullptr;
    std::string path;
  };
  std::vector<Original> originals = {};

  const Tree& media() const { return images ? *images : *tree; }
};

/// Which formats a path could be, best first, without reading it. A path is a dataset's root, one annotation file, or
/// an archive.
struct DetectReport {
  std::string path;
  std::uint64_t files = 0;
  std::vector<Detected> candidates;
  std::vector<TreeProblem> problems;
};
Result<DetectReport> detect(const std::string& path, const OpenOptions& options = {});

Result<Source> open(const std::string& path, const OpenOptions& options = {});

/// One pass over the pixels of all images: digests, fingerprints, quality, EXIF. What was measured before is remembered
/// in a store by content, unless `cache` is off.
struct ScanRequest {
  bool pdq = false;
  bool cache = true;
  std::string cache_path = {};  // empty: $XDG_CACHE_HOME/vetset/facts-v1.sqlite
  bool rehash = false;
  Common common = {};
};
Result<Scan> scan(const Source& source, const ScanRequest& request = {});

/// Embeddings of the images of a source, from a NumPy file (.npy) or a Parquet table (.parquet). Of a NumPy file the
/// rows are in the order of the images, unless `paths` (else a .txt or .csv of its name beside it) names an image a
/// line; a table has a column of paths. An image's name is its path, or its base name where only it is called so.
Result<Embeddings> read_embeddings(const Source& source, const std::string& path, const std::string& paths = {});

/// Files that say whose rows probabilities are, and what they are of; empty: not said.
struct ProbabilityFiles {
  std::string paths = {};    // an image a line; else a .txt or .csv of its name beside it, else by order
  std::string classes = {};  // a class a line, in the order of the columns; else the dataset's order
  std::string folds = {};    // a fold a line, in the order of the rows; or a .csv of path,fold
  bool out_of_fold = false;  // the user says that the model had not seen these labels
  Common common = {};
};
/// Probabilities of classes from a NumPy file (.npy, .npz with one array) or a Parquet table: columns `path` or
/// `annotation_id`, `probabilities` (a list a row) and, where it has it, `fold`. A row an image, or an annotation.
Result<Probabilities> read_probabilities(const Source& source, const std::string& path,
                                         const ProbabilityFiles& files = {});

struct PredictedOptions {
  std::string match_images = "auto", match_classes = "auto";      // as EvaluateOptions
  std::vector<std::pair<std::string, std::string>> classes = {};  // likewise
  std::string folds = {};                                         // a .csv of path,fold, or a fold a line, by image
  bool out_of_fold = false;
  Common common = {};
};
/// Binds predictions to the images and classes of a source; points into `predictions`.
Result<PredictedObjects> predicted_objects(const Source& source, const Predictions& predictions,
                                           const PredictedOptions& options = {});

/// What makes labels suspect. Both are of this source; each may be null.
struct SuspectOptions {
  const Probabilities* probabilities = nullptr;
  const PredictedObjects* predicted = nullptr;
  const Embeddings* embeddings = nullptr;  // neighbours vote
  const Links* links = nullptr;            // copies vote, and intervals count groups of images
  Common common = {};
};
Result<Suspects> suspects(const Source& source, const SuspectOptions& options);

/// What ties images together (LinkKind): found by digest, by an exact search of fingerprints, by name, EXIF and key.
struct LinkOptions {
  LinkSettings settings = {};
  std::vector<std::string> group_by = {};  // keys, as SplitOptions::group_by
  Common common = {};
};
Result<Links> links(const Source& source, const Scan& scan, const LinkOptions& options = {});
/// Draws the groups that links make to a file: HTML or PNG, by the path's extension. Gives what it shows in a sentence.
Result<std::string> write_sheet(const Source& source, const Links& links, const std::string& path,
                                const SheetOptions& options = {}, const Common& common = {});

struct CheckOptions {
  std::vector<std::string> select = {}, ignore = {};  // rule codes, prefixes ("LBL1") or names
  bool images = true;                                 // look at the image files
  bool pixels = false;                                // decode them, search near-duplicates (`near`)
  NearTier near = NearTier::views;
  bool objects = false;                          // with pixels: compare crops of objects across splits (LEA313)
  std::vector<std::string> known = {};           // tables that `vetset scan -o` wrote of known pictures (LEA317)
  const Embeddings* embeddings = nullptr;        // of this source's images: hints of what is alike (LEA314)
  ScanRequest scan = {};                         // how pixels are looked at; its `common` is not read
  const PredictedObjects* predicted = nullptr;   // what a model said of this source's images (LBL130 …)
  const Probabilities* probabilities = nullptr;  // of classes, for this source's images or annotations (LBL120 …)
  std::string contract = {};                     // contract.yaml; empty: "contract.yaml" beside vetset.toml, if any
  std::string consumer = {};                     // only what this trainer will see: "ultralytics"; runs no rules
  std::vector<SeverityChoice> severities = {};   // a later one holds against an earlier one
  Exceptions exceptions = {};                    // paths, waivers, baseline
  std::shared_ptr<const OwnRules> own = {};      // rules of a team's own, which looked at this source; null: none
  std::string proof = {};     // of the conversion that made the dataset; empty: "<dataset>.proof.json" where that is it
  std::string previous = {};  // an earlier version, dataset or package: classes that moved since (FMT410); empty: none
  std::string lock = {};      // of an earlier split; empty: "split.lock" in the dataset
  FailOn fail_on = Severity::error;
  CheckSettings settings = {};  // today empty: the clock's, in UTC
  Common common = {};
};
/// A rule and what came of it.
struct RuleResult {
  const Rule* rule = nullptr;
  std::string not_run = {};  // why: "needs images"; empty: it ran
  std::uint64_t count = 0;   // of findings that count: without those that exceptions take out
  Severity severity = {};    // the rule's own, or as the options say
  bool broken = false;       // it did not run because something went wrong in it: no answer is yes then
};
struct CheckReport {
  std::vector<Finding> findings;  // by severity, code, place
  std::vector<RuleResult> rules;  // all, in catalogue order
  std::vector<Facts> facts;
  Scan scan;                              // where pixels were looked at
  std::optional<Links> links = {};        // likewise, or where embeddings were given: then they are hints alone
  std::optional<Suspects> suspects = {};  // where predictions or probabilities were given: ranked, more than is found
  std::unique_ptr<ContractRun> contract = {};  // where one held; findings point into it
  std::shared_ptr<const OwnRules> own = {};    // likewise
  std::vector<ConsumerView> consumers;
  Counts counts;
  std::uint64_t errors = 0, warnings = 0, notes = 0;
  double seconds = 0;  // wall; for people, never in JSON

  FailOn fail_on = Severity::error;
  bool failed = false;                                     // the answer is no
  bool one_consumer = false;                               // it was asked for one trainer's view
  bool has_baseline = false;                               //
  std::string since = {};                                  // what the baseline is of (Baseline::called)
  std::uint64_t by_path = 0, waived = 0, in_baseline = 0;  // findings that exceptions took out
  std::vector<WaiverResult> waivers = {};
  std::vector<BaselineEntry> gone = {};  // of the baseline: found no more
};
Result<CheckReport> check(const Source& source, const CheckOptions& options = {});
/// Whether a check with these options would run this rule of a team's own.
bool is_asked_for(const OwnRule& rule, const CheckOptions& options);
/// A rule by its code: one that this check ran, a team's own too, else one of the catalogue; null: none.
const Rule* rule_of(const CheckReport& report, std::string_view code);

/// A check as one HTML file that needs nothing else (docs/guide/report.md): nothing of this machine stands in it, and
/// the same data give the same bytes.
struct HtmlOptions {
  bool pictures = true;           // of the findings; else none
  bool repairs = true;            // what `fix` would change
  std::size_t bytes = 4'900'000;  // at most: pictures fill what text leaves
  CheckSettings settings = {};    // of the check, for the repairs
  Common common = {};
};
Result<std::string> html_report(const Source& source, const CheckReport& report, const HtmlOptions& options = {});
/// Writes it, whole or not at all; gives its size.
Result<std::uint64_t> write_html_report(const std::string& file, const Source& source, const CheckReport& report,
                                        const HtmlOptions& options = {});

/// The vetset.toml that holds for a dataset: in its folder, beside it, or in a folder above, up to the root of the
/// repository. Nothing where there is none.
Result<std::optional<Config>> find_config(const std::string& path);
Result<Config> read_config(const std::string& file);
/// Lets options say what a file says; what it does not say stays.
Result<void> apply(const Config& config, CheckOptions& options);
/// The baseline that a file names, seen from the working folder.
std::string baseline_path(const Config& config);
/// The files of rules that it names, likewise.
std::vector<std::string> rule_files(const Config& config);
/// Whether they may be run unasked: who wrote them is who checks. Rules are programs, so those of a vetset.toml that
/// came with the dataset, or lies anywhere but in the working folder and above it, are not.
bool may_run_rules(const Config& config, const std::string& dataset);
Result<Baseline> read_baseline(const std::string& file);
/// All findings of a check that ran without a baseline, for later checks.
Baseline all_of(const Source& source, const CheckReport& report);
Result<void> write_baseline(const std::string& file, const Source& source, const CheckReport& report);
/// What a dataset was before: a package, a dataset's folder or file, or a revision of the git repository that it lies
/// in
/// ("HEAD~1"; "git:main" where a path is called so, too). Checked as `options` say, with nothing taken out; a check
/// whose `exceptions.baseline` are its findings tells of what is new since.
struct Before {
  std::string called;  // "main", "street-1.pkg"
  Source source;
  Baseline findings;
  std::vector<std::string> notes;  // what could not be held against it, a line each
};
Result<Before> before(const std::string& path, const Source& source, const std::string& reference,
                      const CheckOptions& options, const OpenOptions& opening = {});
/// Its two halves: opened, and checked. `own` of the options are of the later side, and are not asked here: those of
/// the earlier side are given apart.
Result<Before> open_before(const std::string& path, const Source& source, const std::string& reference,
                           const OpenOptions& opening = {});
Result<void> check_before(Before& before, const CheckOptions& options, std::shared_ptr<const OwnRules> own = {});
/// What stands before the tree's paths, seen from the root of the repository or else from the working folder:
/// "data/street/"; empty where the dataset lies outside.
std::string path_prefix(const Source& source, const std::string& path);

/// Line and column of a finding, read from the tree where they are not known yet.
Place place_of(const Source& source, const Finding& finding);
/// The same for many findings, reading each file once at most. Columns count bytes, or characters (code points).
enum class Columns : std::uint8_t { bytes, characters };
std::vector<Place> places_of(const Source& source, std::span<const Finding> findings, Columns columns = Columns::bytes);

/// What a dataset holds, in numbers.
Result<Stats> stats(const Source& source, const Common& common = {});

/// How far several raters agree beyond chance, who of them deviates, and what their consensus is: the raters that one
/// dataset names, or each of several datasets of the same images.
struct AgreementOptions {
  std::string by = {};              // "layer", "attribute:KEY"; empty: whoever one dataset names
  double least_iou = 0.5;           // of the boxes of one object
  unsigned draws = 1000;            // of the bootstrap by image
  const Source* shipped = nullptr;  // labels to hold against the raters' consensus; null: those without a rater
  Common common = {};
};
struct AgreementReport {
  RaterAgreement agreement;
  Raters raters;
  Dataset dataset;       // of several: what the indices of `agreement` point into; empty: the one source's
  std::string document;  // agreement-v1.json
};
Result<AgreementReport> agreement(std::span<const Source* const> sources, const AgreementOptions& options = {});

struct ConvertOptions {
  std::string to;           // format id
  std::string task = {};    // empty: what the data hold
  std::string accept = {};  // "crowd=drop,parts=bridge", "all"
  ImagesMode images = ImagesMode::copy;
  int digits = -1;
  bool dry_run = false;          // measure, publish nothing
  bool overwrite = false;        // replace what is at the target
  std::string proof_path = {};   // empty: "<target>.proof.json" beside the target
  std::string target_name = {};  // what the proof calls the target; empty: its own name
  /// Adds to what was written and proved, before it is published.
  std::function<Result<void>(const Tree& written, const Proof& proof, TreeWriter& out)> complete = {};
  /// Documents that are published beside the target, with its proof: "split.lock" becomes "<target>.split.lock".
  std::vector<std::pair<std::string, std::string>> beside = {};
  Common common = {};
};
/// Whether `convert` would take this target: before the work is done that leads to it.
Result<void> check_target(const Source& source, const std::string& target, const ConvertOptions& options);
struct Conversion {
  Proof proof;
  Verdict verdict = Verdict::exact;
  std::string target = {};  // what was published; empty: nothing
  std::string proof_path = {};
  std::vector<std::string> step_paths = {};  // documents of the source's steps, beside the proof
  std::vector<std::string> beside = {};      // paths of ConvertOptions::beside
  std::string originals = {};                // the folder with files that a step changed, as they were; empty: none
  std::string accept = {};                   // for `undecided`: what most people choose, as --accept takes it
  std::uint64_t bytes = 0, files = 0;        // written
};
Result<Conversion> convert(const Source& source, const std::string& target, const ConvertOptions& options);

/// Repairs what the rules find: an edited dataset in the place of the source's, and a list of every edit. The source's
/// files stay as they are; `convert` writes the result, and the step's document beside it.
struct FixOptions {
  std::vector<std::string> select = {}, ignore = {};  // rule codes, prefixes or names, or names of repairs
  bool unsafe = false;                                // also repairs that drop something or follow a guess
  bool files = true;                                  // also repairs of image files, which then are to be copied
  CheckSettings settings = {};
  Common common = {};
};
/// One repair of one record: what was said of it before and after, as canonical rows.
struct Edit {
  const Repair* repair = nullptr;
  unsigned round = 0;       // repairs are tried again until nothing is left for them
  Owner owner{};            // annotation, image, category; split: a membership; dataset: a file
  std::string_view record;  // "annotation", "membership", "file" …: what the rows are of
  std::string where;        // "a/img.jpg, annotation 7"
  std::string what;
  std::string before, after;  // JSON; `after` empty: dropped; `before` empty: was not there
  std::string authored;       // the row as it was written, where it is not pixels
  std::string because;        // of a consequence: `where` of the edit that it follows from
  /// What no row says and undoing needs, as JSON: "pixels", "file" … (docs/schema/fix-v1.json).
  std::vector<std::pair<std::string_view, std::string>> more;
  MediaChange media = MediaChange::none;  // of an image's file
};
struct FixReport {
  std::vector<Edit> edits;
  std::vector<Edit> consequences;                               // rows that changed or went because of an edit
  std::vector<std::pair<const Repair*, std::uint64_t>> counts;  // those that did something, in catalogue order
  std::vector<std::pair<const Repair*, std::uint64_t>> unsafe;  // what they would do, were they asked
  Counts before, after;
  std::string document;  // fix-v1.json; empty: nothing to repair
};
/// All else is compared field by field before it returns: a change that is in no edit is an error (Code::defect).
Result<FixReport> fix(Source& source, const FixOptions& options = {});

/// Takes all edits of a fix back. `document` is what `fix` wrote, `source` the repaired dataset: its rows become again
/// what they were. A row that is not there as the document says is an error, and the source stays as it is.
struct UndoReport {
  std::uint64_t edits = 0, consequences = 0;  // that were taken back
  Counts before, after;
  std::string labels_id;  // of the result
  bool exact = false;     // it is that of the dataset which was repaired
};
/// `originals` is the folder with the files that the fix changed (DST.fix.files); empty: there is none.
Result<UndoReport> unfix(Source& source, const std::string& document, const Common& common = {},
                         const std::string& originals = {});

struct SplitOptions {
  std::string ratios = {};                 // "80/10/10"; empty: those of the lock, else 80/10/10
  std::vector<std::string> names = {};     // empty: those of the lock, else train, val, test
  std::optional<std::uint32_t> seed = {};  // nothing: that of the lock, else 0
  std::vector<std::string> group_by = {};  // "folder", "attribute:scene" … (KeyRule); empty: those of the lock
  /// "class", and KeyRules and factors ("light" of the contract, "pixel.luma_p50") whose every value gets its share;
  /// none: sizes alone. Nothing: as the contract says, else the lock, else "class".
  std::optional<std::vector<std::string>> stratify = {};
  std::string contract = {};            // contract.yaml: its factors by name, and what its split says; empty: none
  std::string pins = {};                // a CSV file, path and split: where images are to be
  std::uint32_t folds = 0;              // above 0: folds of one size in place of ratios
  std::int32_t fold = -1;               // of the folds: which is val, the others being train; −1: each is a split
  std::string lock = {};                // an earlier split.lock: what it placed stays
  std::optional<NearTier> near = {};    // nothing: that of the lock, else views; none: bytes and keys alone
  std::optional<unsigned> radius = {};  // nothing: that of the lock, else calibrated
  ScanRequest scan = {};                // how pixels are looked at; its `common` is not read
  std::span<const Facts> facts = {};    // with digests, where they are known; empty: the images are read
  const Links* links = nullptr;         // with `facts`: what ties the images; null: it is searched
  Common common = {};
};
/// Gives the source other splits, and adds the statement to its steps: linked images stay together, and every split
/// gets its share of every class. What the search does not reach may still look alike; the statement says so.
Result<SplitReport> split(Source& source, const SplitOptions& options);

/// Asks anew whether a dataset's splits are free of leaks, and whether what its lock recorded can be derived again.
struct SplitCheckOptions {
  std::string lock = {};                   // empty: "split.lock" in the dataset, if there is one
  std::vector<std::string> group_by = {};  // as SplitOptions
  std::optional<NearTier> near = {};       // nothing: that of the lock, else views
  std::optional<unsigned> radius = {};     // nothing: that of the lock, else calibrated
  unsigned margin = 0;                     // so many bits beyond the radius pairs are listed for people to look at
  ScanRequest scan = {};                   // its `common` is not read
  Common common = {};
};
Result<SplitCheck> check_split(const Source& source, const SplitCheckOptions& options = {});
/// Writes what a split placed beside `target` (`<target>.split.lock`) and, where asked, into it; gives the paths.
Result<std::vector<std::string>> write_lock(const SplitReport& report, const std::string& target, bool inside);

/// Selects records and changes classes in the place of the source's dataset. `convert` writes the result, and the
/// step's document beside it.
struct TransformOptions {
  TransformRules rules = {};      // an `order` of one word that names a file and no class is read from there
  std::string classes_from = {};  // a file with a name a line, or a dataset: the result has its classes, in its order
  Common common = {};
};
struct TransformReport {
  Counts before, after;
  std::vector<ClassChange> classes;                  // empty: as they are
  std::array<std::uint64_t, 7> objects{}, images{};  // by Gone: how many went for that reason
  std::uint64_t emptied = 0;                         // images that stay and have lost all their objects
  std::string document;                              // transform-v1.json
};
Result<TransformReport> transform(Source& source, const TransformOptions& options);

/// Leaves copies out of the source, or says of each image what it is a copy of, or how much it weighs. Adds the step
/// with every row that went; `unfix` takes such a document back, too. `seen` and `found` are of this source.
struct DedupReport {
  DedupPlan plan;  // speaks of the dataset as it was
  Counts before, after;
  std::string document = {};  // dedup-v1.json; empty: nothing was done
};
Result<DedupReport> dedup(Source& source, const Scan& seen, const Links& found, const DedupRules& rules,
                          const Common& common = {});

/// Hands what looks wrong to people: the source becomes the images that have something to look at, with their labels
/// and the proposals, each with a key. `convert` writes them in a labelling tool's format, and the step's document,
/// which is the queue, beside it.
struct QueueOptions {
  std::uint64_t top = 100;     // the first so many suspects, all of them
  std::uint64_t sample = 100;  // so many of the rest, from tenths of the ranking
  std::uint64_t seed = 0;
  const Probabilities* probabilities = nullptr;  // that the suspicion rests on, for the forecast
  const PredictedObjects* predicted = nullptr;   // likewise
  std::vector<FileDigest> predictions = {};      // files of these, which the queue names
  Common common = {};
};
struct QueueReport {
  Queue queue;
  Counts before, after;  // after: what is handed over
  std::string document;  // queue-v1.json
};
Result<QueueReport> queue(Source& source, const Suspects& suspects, const QueueOptions& options = {});
/// Suspects that another program found, from a CSV file: columns image, score, and as they are there annotation, code,
/// proposed, x, y, width, height, confidence (docs/commands/queue.md).
Result<Suspects> read_suspects(const Source& source, const std::string& path);

/// Reads back what people made of a queue in a labelling tool, and puts it in the place of the source's labels, which
/// must be those that were queued. Whatever is not taken over is named.
struct ReviewOptions {
  bool all_looked_at = false;  // what came back without a mark and as it was, was looked at and is right
  std::uint64_t next = 50;     // how far the stop rule looks
  Common common = {};
};
struct ReviewReport {
  Queue queue;
  TakenBack taken;                          // items in the order of the queue's
  std::array<std::uint64_t, 7> told{};      // how many items, by Told
  std::uint64_t beside = 0;                 // changes that nobody asked about
  std::vector<ChanceStep> chances;          // by rank; empty: nothing was answered
  ErrorEstimate errors;                     //
  NextOnes next;                            //
  std::optional<Recapture> recapture = {};  // where two unlike kinds of predictions found the same errors
  Counts before, after;
  std::string document;  // review-v1.json
};
Result<ReviewReport> review(Source& source, const Source& exported, const std::string& queue_document,
                            const ReviewOptions& options = {});

/// Several sources as one: classes by name, splits by name, paths and ids that do not meet.
struct CombineOptions {
  std::vector<std::string> rename = {};  // "old=new", in all sources
  std::string map = {};                  // a file of such lines; "[name]" begins those of one source
  bool split_from_source = false;        // every source becomes one split of its name
  bool compare_images = true;            // look for images of the same bytes
  bool drop_copies = false;              // copies with equal labels are left out
  Common common = {};
};
struct Combination {
  Source source;
  CombineReport report;
  std::string document;  // combine-v1.json
};
Result<Combination> combine(std::vector<Source> sources, const CombineOptions& options = {});

struct DiffOptions {
  std::vector<std::string> only = {}, ignore = {};  // "annotation.area", "annotation", "media"; empty `only`: all
  double tolerance = 0;                             // pixels that coordinates may be apart
  bool images = true;                               // compare the bytes of images where both sides have them
  Common common = {};
};
/// What is not the same in two datasets. Between two formats only what both can hold counts.
Result<Diff> diff(const Source& before, const Source& after, const DiffOptions& options = {});

/// Predictions of any format that vetset reads: a list of COCO results, label files with scores, a table, a package.
/// Fractions of images that are not at hand are placed by the sizes that `truth` says of images of the same name.
Result<Predictions> read_predictions(const std::string& path, const OpenOptions& options = {},
                                     const Source* truth = nullptr);

struct EvaluateOptions {
  std::optional<IouType> iou_type = {};  // nothing: keypoints, else masks, else boxes, whichever the predictions have
  CocoMode mode = CocoMode::corrected;
  std::string split = {};                          // only the truth's images of this split
  std::vector<double> iou_thresholds = {};         // empty: as COCO has them
  std::vector<std::uint32_t> max_detections = {};  // empty: as COCO has them
  std::vector<CocoAreaRange> areas = {};           // empty: as COCO has them
  std::vector<double> sigmas = {};                 // of keypoints; empty: as COCO has them
  bool use_categories = true;                      // false: as if there were one class
  std::string match_images = "auto";               // by "id", "path", "name" (without folders), "stem"
  std::string match_classes = "auto";  // by "id", "name", "index" (0: the truth's first), "index1" (1: the first)
  std::vector<std::pair<std::string, std::string>> classes = {};  // a predicted class, and the truth's that it is
  bool record = true;                                             // make the document
  bool identity = false;                                          // with dataset_id: reads every image
  bool without_leaks = false;         // also without the images that are linked to other splits than `split`
  std::optional<NearTier> near = {};  // how those are searched; nothing: views
  std::optional<unsigned> radius = {};
  std::vector<std::string> group_by = {};
  ScanRequest scan = {};         // its `common` is not read
  unsigned resamples = 1000;     // of the interval
  const Links* links = nullptr;  // of the truth's images; null: they are searched
  Common common = {};
};
/// A name on one side that has no match on the other.
struct Unmatched {
  std::string name;
  std::uint64_t rows = 0;  // objects or predictions that are of it
  std::string where = {};  // of the first
};
struct Evaluation {
  CocoResult result;
  std::vector<std::string> categories;  // names, in the order of the arrays
  std::vector<std::string> category_ids;
  std::string images_matched_by, classes_matched_by;
  std::vector<Unmatched> unknown_images, unknown_categories;  // of the predictions
  std::uint64_t images_without_predictions = 0;
  std::vector<std::string> categories_without_predictions;
  std::vector<Finding> findings;  // of records that could not be used
  std::optional<LeakPrice> leaks;
  std::string record;  // evaluation-v1.json
};
/// Compares predictions with a ground truth, and says to which data the figures belong.
Result<Evaluation> evaluate(const Source& truth, Predictions predictions, const EvaluateOptions& options = {});

/// labels_id of a source, and dataset_id where the images are at hand; `rows` gets the canonical text form.
struct Identities {
  std::string labels_id, dataset_id;  // "sha256:…"; dataset_id empty where images are missing
  std::string labels_document, dataset_document;
  std::uint64_t media = 0, media_missing = 0;
};
Result<Identities> identities(const Source& source, const Common& common,
                              const std::function<void(std::string_view table, std::string_view row)>& row = {});

}  // namespace vetset
