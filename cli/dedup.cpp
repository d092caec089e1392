// vetset dedup: of several pictures of the same thing one stays, or all stay and say so.
#include <map>

#include "cli/sheet.h"
#include "cli/undo.h"
#include "cli/writing.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/check/config.h"
#include "vetset/dataset/shown_path.h"

namespace vetset::cli {
namespace {

struct DedupFlags {
  std::string dst, output, undo, keep = "split", action = "drop", near = "views", radius, sheet;
  std::vector<std::string> kinds;
  bool across_splits = false, no_cache = false;
  WritingFlags writing;
};

std::string split_names(const Dataset& d, const Dataset::ImageSplits& splits, ImageIndex i) {
  std::string names;
  for (const SplitIndex s : splits.of(i)) names += (names.empty() ? "" : ", ") + d[s].name;
  return names;
}

/// A cluster: what stays first, then what goes, each with its split and why.
std::string cluster_text(const Terminal& t, const Dataset& d, const Dataset::ImageSplits& splits,
                         const DedupReport& report, const DedupPlan::Cluster& cluster, DedupAction action, bool all) {
  std::map<ImageIndex, const DedupPlan::Copy*> copies;
  for (const DedupPlan::Copy& copy : report.plan.copies) copies.emplace(copy.image, &copy);
  constexpr std::size_t most = 6;
  std::string text;
  for (std::size_t k = 0; k < cluster.images.size(); ++k) {
    if (!all && k == most) {
      text += t.ink(Ink::dim, "        and " + with_commas(cluster.images.size() - most) + " more") + "\n";
      break;
    }
    const ImageIndex i = cluster.images[k];
    const auto copy = copies.find(i);
    std::string aside = split_names(d, splits, i);
    if (copy != copies.end()) {
      aside += (aside.empty() ? "" : ", ") + std::string(name(copy->second->kind));
      if (copy->second->distance != Link::no_distance && copy->second->distance > 0)
        aside += " at " + counted(copy->second->distance, "bit");
    }
    const bool goes = action == DedupAction::drop && copy != copies.end();
    text += std::string(k == 0 ? "  " : "    ") + t.ink(goes ? Ink::yellow : Ink::green, goes ? "- " : "= ") +
            printable(shown_path(d, i)) + (aside.empty() ? "" : t.ink(Ink::dim, "  " + printable(aside))) + "\n";
  }
  return text;
}

std::string told(const Terminal& t, const Dataset& before, const DedupReport& report, const DedupRules& rules,
                 const Scan& seen, const Links& found, bool all) {
  const Dataset::ImageSplits splits = before.image_splits();
  std::uint64_t images = 0;
  for (const DedupPlan::Cluster& cluster : report.plan.clusters) images += cluster.images.size();
  std::string text;
  if (report.plan.clusters.empty()) {
    text = t.ink(Ink::bold, "no copies") + " among " + counted(before.images.size(), "image") + "\n";
  } else {
    text = t.ink(Ink::bold, counted(report.plan.clusters.size(), "cluster")) + " of " + counted(images, "image");
    if (rules.action == DedupAction::drop)
      text += "; " + t.ink(Ink::bold, counted(report.plan.copies.size(), "copy", "copies")) + " left out";
    text += "\n";
  }
  constexpr std::size_t most = 8;
  for (std::size_t k = 0; k < report.plan.clusters.size(); ++k) {
    if (!all && k == most) {
      text += t.ink(Ink::dim,
                    "  and " + counted(report.plan.clusters.size() - most, "more cluster") + ": --all lists them") +
              "\n";
      break;
    }
    text += cluster_text(t, before, splits, report, report.plan.clusters[k], rules.action, all);
  }
  if (rules.kinds == same_kinds && !rules.across_splits && rules.action == DedupAction::drop) {
    DedupRules wider = rules;
    wider.kinds = alike_kinds;
    const std::size_t more = plan_dedup(before, found, seen.facts, seen.pixels, wider).copies.size();
    if (more > report.plan.copies.size())
      text +=
          "\n  " +
          wrapped(counted(more - report.plan.copies.size(), "flipped or cropped copy", "flipped or cropped copies") +
                      (more - report.plan.copies.size() == 1 ? " stays" : " stay") +
                      ", as augmentations do: --kinds copies takes such, too, --across-splits all that leak",
                  2, t.width());
  }
  if (found.near.radius > 0)
    text += t.ink(Ink::dim, "\n  near-duplicates: every pair within " + std::to_string(found.near.radius) +
                                " of 256 bits, confirmed on pixels (" + std::string(name(found.near.tier)) + ")\n");
  for (const std::string& note : found.notes) text += t.ink(Ink::dim, "  " + wrapped(printable(note), 2, t.width()));
  if (!found.cuts.empty())
    text += t.ink(Ink::dim, "  " + counted(found.cuts.size(), "link") +
                                " between groups that are not alike cut: most of what they would join is not alike") +
            "\n";
  return text;
}

std::string command_of(const DedupFlags& f) {
  std::string command = "vetset dedup " + shell_word(f.writing.src);
  if (!f.dst.empty()) command += " -o " + shell_word(f.dst);
  const auto word = [&](std::string_view flag, const std::string& value, std::string_view usual) {
    if (value != usual) command += " " + std::string(flag) + " " + shell_word(value);
  };
  word("--keep", f.keep, "split");
  word("--action", f.action, "drop");
  word("--near", f.near, "views");
  word("--radius", f.radius, "");
  std::string kinds;
  for (const std::string& kind : f.kinds) kinds += (kinds.empty() ? "" : ",") + kind;
  word("--kinds", kinds, "");
  if (f.across_splits) command += " --across-splits";
  return command;
}

Result<DedupRules> rules_of(const DedupFlags& f) {
  DedupRules rules{.kinds = usual_kinds(f.across_splits), .across_splits = f.across_splits};
  VETSET_TRY(rules.keep, parse_keep_rule(f.keep));
  VETSET_TRY(rules.action, parse_dedup_action(f.action));
  if (!f.kinds.empty()) {
    VETSET_TRY(rules.kinds, parse_link_kinds(f.kinds));
  }
  return rules;
}

Result<LinkSettings> search_of(const DedupFlags& f, const DedupRules& rules) {
  LinkSettings settings;
  VETSET_TRY(settings.near, parse_near(f.near));
  // Equal files, pixels and coefficients are found without a search.
  if ((rules.kinds & ~(LinkKind::bytes | LinkKind::pixels | LinkKind::coefficients)) == 0)
    settings.near = NearTier::none;
  if (!f.radius.empty()) {
    unsigned radius = 0;
    for (const char c : f.radius) {
      if (c < '0' || c > '9' || (radius = radius * 10 + static_cast<unsigned>(c - '0')) > 256)
        return Error{Code::usage, "expected a radius from 0 to 256 bits, found '" + f.radius + "'"};
    }
    settings.radius = radius;
  }
  return settings;
}

int run_dedup(Terminal& t, DedupFlags f) {
  if (!f.output.empty()) f.dst = f.output;
  if (f.dst.empty() && !f.writing.dry_run)
    return t.fail({Code::usage, "say where the dataset goes with -o DST, or --dry-run to see the clusters"});
  if (!f.undo.empty())
    return run_undo(t, f.writing, f.undo, f.dst, {.verb = "dedup", .edit = "image", .before = "from before"});
  if (const auto drawn = check_sheet(f.sheet); !drawn) return t.fail(drawn.error());
  const auto rules = rules_of(f);
  if (!rules) return t.fail(rules.error());
  const auto settings = search_of(f, *rules);
  if (!settings) return t.fail(settings.error());
  const OpenOptions options = opening(t, f.writing);
  auto source = open(f.writing.src, options);
  if (!source) return t.fail(source.error());
  const auto seen = scan(*source, {.cache = !f.no_cache, .common = options.common});
  if (!seen) return t.fail(seen.error());
  const auto found = links(*source, *seen, {.settings = *settings, .common = options.common});
  if (!found) return t.fail(found.error());
  if (!f.sheet.empty()) {
    const auto drawn = draw_sheet(t, *source, *found, f.sheet, {.kinds = rules->kinds}, options.common);
    if (!drawn) return t.fail(drawn.error());
  }
  const Dataset before = source->dataset;
  const auto report = dedup(*source, *seen, *found, *rules, options.common);
  if (!report) return t.fail(report.error());
  if (f.writing.json && (f.writing.dry_run || f.dst.empty())) {
    t.out(report->document.empty() ? "{}\n" : pretty_json(report->document) + "\n");
    return Exit::yes;
  }
  if (!f.writing.json) t.out(told(t, before, *report, *rules, *seen, *found, f.writing.all));
  if (f.writing.dry_run) {
    if (!report->document.empty()) t.out(t.ink(Ink::green, "dry run") + ": nothing was written\n");
    return Exit::yes;
  }
  if (!f.writing.json) t.out("\n");
  return write_out(t, *source, f.dst, f.writing, command_of(f));
}

constexpr Example examples[] = {
    {"vetset dedup export --dry-run", "show the clusters, write nothing"},
    {"vetset dedup export --dry-run --sheet copies.html", "show them as pictures, too"},
    {"vetset dedup export -o clean", "leave copies out; those in evaluation splits stay"},
    {"vetset dedup export -o clean --across-splits",
     "only what leaks from one split into another, mirrored and cropped, too"},
    {"vetset dedup export -o linked --action link", "keep all, and say which belong together"},
    {"vetset dedup clean --undo clean.dedup.json --images-dir export -o back", "take it back"},
};

}  // namespace

extern const Command dedup_command;
const Command dedup_command{
    .name = "dedup",
    .summary = "leave out copies of a picture, or link or weigh them, with a list of what went",
    .about =
        "The source stays as it is. Copies are found by bytes, pixels and an exact search of fingerprints that is\n"
        "confirmed on pixels. Every image that goes is listed in DST.dedup.json with its rows; --undo takes it back.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<DedupFlags>();
      a.positional("SRC", f->writing.src, "a dataset's folder, an archive, or one annotation file")
          .positional("DST", f->dst, "the folder to make", false)
          .option("-o", f->output, "DST", "the folder to make")
          .option("--keep", f->keep, "RULE",
                  "which one stays: split (test, val, then the best; if not said), quality, first")
          .option("--action", f->action, "ACTION", "drop copies (if not said), link or weigh them")
          .option("--near", f->near, "TIER", "how near-duplicates are searched: basic, views (if not said) or full")
          .option("--radius", f->radius, "BITS", "of 256; calibrated on the dataset's unrelated pairs if not said")
          .list("--kinds", f->kinds, "KINDS",
                "what counts: same (if not said), copies (also flipped and cropped), all, bytes, sequence ...")
          .flag("--across-splits", f->across_splits, "only copies in another split")
          .flag("--no-cache", f->no_cache, "remember nothing of the scan")
          .option("--undo", f->undo, "FILE", "take back what this DST.dedup.json lists; SRC is the result");
      define_sheet(a, f->sheet);
      define_writing(a, f->writing, "the format to write; that of SRC if not said");
      define_opening(a, f->writing);
      return [f](Terminal& t) { return run_dedup(t, *f); };
    }};

}  // namespace vetset::cli
