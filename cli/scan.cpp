// vetset scan: one pass over the pixels of all images, told in one screen and
// written as a table.
#include <algorithm>
#include <chrono>

#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/base/table_text.h"
#include "vetset/base/unicode.h"
#include "vetset/check/report/columns.h"
#include "vetset/check/words.h"
#include "vetset/scan/facts_table.h"
#include "vetset/scan/scan_summary.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct ScanFlags {
  std::string src, from, images_dir, file;
  unsigned threads = 0;
  bool json = false, all = false, pdq = false, no_cache = false, rehash = false;
};

/// "12 %", and "<1 %" for what is more than nothing.
std::string share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "0 %";
  const std::uint64_t percent = (part * 200 + whole) / (2 * whole);
  if (percent == 0 && part > 0) return "<1 %";
  return std::to_string(percent == 100 && part < whole ? 99 : percent) + " %";
}

using Counted = std::vector<std::pair<std::string, std::uint64_t>>;

class ScanText {
 public:
  ScanText(const Terminal& t, const Dataset& d, const ScanSummary& s, bool all) : t_(t), d_(d), s_(s), all_(all) {}

  std::string text() {
    files();
    problems();
    exif();
    quality();
    return std::move(out_);
  }

 private:
  static constexpr std::size_t name_width = 15;
  static constexpr std::size_t most_names = 3, most_reasons = 12;

  void heading(std::string_view text, std::string_view aside = {}) {
    out_ += '\n' + t_.ink(Ink::bold, text) + (aside.empty() ? "" : "  " + t_.ink(Ink::dim, aside)) + '\n';
  }
  void line(std::string_view name, const std::string& text) {
    out_ += "  " + to_left(name, name_width) + wrapped(text, name_width + 2, t_.width());
  }

  static std::string list_of(const Counted& counts, std::size_t most) {
    std::string text;
    for (std::size_t i = 0; i < std::min(most, counts.size()); ++i)
      text += (i == 0 ? "" : ", ") + printable(counts[i].first) + " " + with_commas(counts[i].second);
    if (counts.size() > most) text += ", and " + with_commas(counts.size() - most) + " more";
    return text;
  }

  void files() {
    heading("FILES");
    line("types", s_.types.empty() ? "none" : list_of(s_.types, 8));
    const std::uint64_t there = s_.images - s_.absent;
    std::string sizes = byte_size(s_.bytes);
    if (s_.megapixels.count > 0) {
      const auto megapixels = [](double value) { return measure(value < 0.1 ? value * 1000 : value); };
      const bool tiny = s_.megapixels.most < 0.1;
      sizes +=
          " · " +
          (tiny ? megapixels(s_.megapixels.median) + " kilopixels" : measure(s_.megapixels.median) + " megapixels") +
          " in the median, " + measure(tiny ? s_.megapixels.most * 1000 : s_.megapixels.most) + " at most";
    }
    line("size", sizes);
    if (there > s_.distinct_bytes)
      line("copies",
           with_commas(there - s_.distinct_bytes) + " of " + with_commas(there) + " files repeat the bytes of another");
    const std::uint64_t decoded = s_.megapixels.count;
    if (decoded - s_.distinct_pixels > there - s_.distinct_bytes)
      line("", with_commas(decoded - s_.distinct_pixels) + " of " + with_commas(decoded) +
                   " pictures repeat the pixels of another");
    Counted kinds;
    for (const auto& [name, count] : {std::pair("grey", s_.grey),
                                      {"with transparency", s_.transparent},
                                      {"of 16 bits", s_.deep},
                                      {"animated", s_.animated},
                                      {"with uniform borders", s_.bordered},
                                      {"flat", s_.flat}})
      if (count > 0) kinds.emplace_back(name, count);
    if (!kinds.empty()) line("pictures", list_of(kinds, kinds.size()));
  }

  void problems() {
    std::uint64_t images = 0;
    for (const ScanSummary::Problem& problem : s_.problems) images += problem.images.size();
    if (images == 0) {
      heading("NOT WHOLE", s_.images > s_.absent ? "every picture could be decoded" : "");
      return;
    }
    heading("NOT WHOLE", counted(images, "image") + " of " + with_commas(s_.images));
    std::size_t shown = 0;
    for (const ScanSummary::Problem& problem : s_.problems) {
      if (!all_ && shown++ == most_reasons) {
        out_ += t_.ink(Ink::dim,
                       "  and " + counted(s_.problems.size() - most_reasons, "more reason") + ": --all lists them\n");
        break;
      }
      const std::string count = with_commas(problem.images.size());
      const Ink ink = problem.status == name(DecodeStatus::broken) ? Ink::red : Ink::yellow;
      const std::string reason = problem.reason.empty() ? problem.status : printable(problem.reason);
      out_ += "  " + t_.ink(ink, to_left(problem.status, name_width)) + to_right(count, 5) + "  " +
              wrapped(reason, name_width + 9, t_.width());
      const std::size_t most = all_ ? problem.images.size() : most_names;
      for (std::size_t i = 0; i < std::min(most, problem.images.size()); ++i)
        out_ += std::string(name_width + 9, ' ') +
                t_.ink(Ink::dim, cut_middle(printable(d_.path(problem.images[i])), t_.width() - name_width - 9)) + '\n';
      if (problem.images.size() > most)
        out_ += std::string(name_width + 9, ' ') +
                t_.ink(Ink::dim, "and " + with_commas(problem.images.size() - most) + " more") + '\n';
    }
  }

  void exif() {
    const std::uint64_t there = s_.images - s_.absent;
    if (s_.with_time + s_.with_place + s_.with_camera + s_.turned + s_.dropped == 0) {
      heading("EXIF", "none says when, where or with what it was taken");
      return;
    }
    heading("EXIF");
    if (s_.with_time > 0) line("time", share(s_.with_time, there) + " of images");
    if (s_.with_place > 0) line("place", share(s_.with_place, there) + " of images");
    if (s_.with_camera > 0) line("camera", share(s_.with_camera, there) + " of images: " + list_of(s_.cameras, 5));
    if (s_.turned > 0) line("turned", counted(s_.turned, "image") + " to be shown turned or mirrored");
    if (s_.dropped > 0) line("impossible", counted(s_.dropped, "image") + " with a time or a place that cannot be");
  }

  void quality() {
    if (s_.sharpness.count == 0) return;
    heading("QUALITY", "least · a quarter below · median · a quarter above · most");
    spread("sharpness", s_.sharpness, "variance of the Laplacian at 512 pixels");
    spread("brightness", s_.brightness, "median luma, 0 to 255");
    spread("contrast", s_.contrast, "standard deviation of luma");
    spread("noise", s_.noise, "standard deviation, of 255");
    if (s_.jpeg_quality.count > 0) spread("JPEG quality", s_.jpeg_quality, "by the quantisation tables");
  }

  void spread(std::string_view name, const Spread& s, std::string_view unit) {
    out_ += "  " + to_left(name, name_width);
    for (const double value : {s.least, s.lower, s.median, s.upper, s.most}) {
      const bool large = value >= 100;
      out_ += to_right(measure(large ? static_cast<double>(static_cast<std::int64_t>(value + 0.5)) : value), 8);
    }
    out_ += "   " + t_.ink(Ink::dim, unit) + '\n';
  }

  const Terminal& t_;
  const Dataset& d_;
  const ScanSummary& s_;
  bool all_;
  std::string out_;
};

std::string seconds_text(double seconds) {
  if (seconds < 0.05) return "<0.1 s";
  const double rounded = seconds < 10 ? static_cast<double>(static_cast<int>(seconds * 10 + 0.5)) / 10
                                      : static_cast<double>(static_cast<std::int64_t>(seconds + 0.5));
  return measure(rounded) + " s";
}

int run_scan(Terminal& t, const ScanFlags& f) {
  if (!f.file.empty())
    if (const auto known = check_table_path(f.file); !known) return t.fail(known.error());
  if (f.no_cache && f.rehash) return t.fail({Code::usage, "--rehash is for the store that --no-cache leaves out"});
  const auto begin = std::chrono::steady_clock::now();
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  const auto source = open(f.src, opening);
  if (!source) return t.fail(source.error());
  const auto seen = scan(*source, {.pdq = f.pdq, .cache = !f.no_cache, .rehash = f.rehash, .common = opening.common});
  if (!seen) return t.fail(seen.error());
  const Dataset& d = source->dataset;
  if (!f.file.empty()) {
    const TableRows rows = facts_table(d, seen->facts, seen->pixels);
    if (const auto written = write_table(rows, f.file); !written) return t.fail(written.error());
  }
  const ScanSummary summary = summary_of(d, *seen);
  if (f.json) {
    t.out(pretty_json(to_json(summary, d, *seen, "vetset " + std::string(version()), printable(source->tree->name()))) +
          "\n");
    return Exit::yes;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  t.out(t.ink(Ink::bold, printable(f.src)) + "  " + std::string(source->format->title) + " · " +
        counted(summary.images, "image") +
        (summary.absent > 0 ? ", " + with_commas(summary.absent) + " not found" : "") + "\n");
  t.out(ScanText(t, d, summary, f.all).text());
  t.say(with_commas(seen->read) + " read · " + with_commas(seen->decoded) + " decoded · " +
        with_commas(seen->remembered) + " remembered · " + seconds_text(seconds));
  if (!f.file.empty()) t.out("facts of " + counted(summary.images, "image") + ": " + shell_word(f.file) + "\n");
  for (const std::string& note : seen->notes) t.say(note);
  return Exit::yes;
}

constexpr Example examples[] = {
    {"vetset scan street", "decode every image, and say what there is"},
    {"vetset scan street -o facts.parquet", "a row an image: hashes, fingerprint, sharpness, EXIF"},
    {"vetset scan street --pdq -o facts.jsonl", "with PDQ hashes, for exchange"},
    {"vetset scan street --rehash", "trust no time of a file: read all of them again"},
};

}  // namespace

extern const Command scan_command;
const Command scan_command{
    .name = "scan",
    .summary =
        "look at every pixel once: what cannot be decoded, how good it "
        "is, hashes and EXIF",
    .about =
        "What was measured is remembered by content in $XDG_CACHE_HOME/vetset "
        "(or ~/.cache/vetset);\n"
        "a second run reads only what changed. Removing that folder is safe.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<ScanFlags>();
      a.positional("SRC", f->src, "a dataset's folder, an archive, or one annotation file")
          .option("-o", f->file, "FILE", "write all facts there, a row an image: .parquet, .jsonl or .csv")
          .flag("--pdq", f->pdq, "PDQ hashes, too")
          .flag("--no-cache", f->no_cache, "remember nothing, and take nothing that is remembered")
          .flag("--rehash", f->rehash, "read every file again, also those that seem unchanged")
          .flag("--all", f->all, "every image that is not whole")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_scan(t, *f); };
    }};

}  // namespace vetset::cli
