// vetset contract: hold a dataset to what it has to hold, or write down a first such contract.
#include <algorithm>
#include <filesystem>

#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/base/publish.h"
#include "vetset/base/unicode.h"
#include "vetset/check/report/columns.h"
#include "vetset/check/words.h"
#include "vetset/vetset_contract.h"

namespace vetset::cli {
namespace {

struct ContractFlags {
  std::string verb, src, contract, output, from, images_dir, today, near, embeddings, embeddings_paths;
  unsigned threads = 0;
  bool strict = false, all = false, json = false, overwrite = false, no_pixels = false, no_cache = false;
};

std::string share_text(double value, bool is_share) {
  if (!is_share) return measure(value);
  std::string out;
  append_fixed(out, 100 * value, value == 0 || value >= 0.9995 ? 0 : 1);
  return out + " %";
}

/// "92.5 %  (at least 95 %)", with the interval where there is one.
std::string figures(const ClauseResult& r) {
  if (!r.measured) return {};
  std::string out = share_text(*r.measured, r.is_share);
  if (r.interval)
    out += " [" + share_text(r.interval->low, r.is_share) + ", " + share_text(r.interval->high, r.is_share) + "]";
  if (r.limit)
    out += (r.limit_is_most ? (*r.limit == 0 && !r.is_share ? ", none may be" : ", at most ") : ", at least ") +
           (*r.limit == 0 && r.limit_is_most && !r.is_share ? std::string() : share_text(*r.limit, r.is_share));
  if (r.null) out += "; by chance " + share_text(*r.null, true);
  return out;
}

std::string mark(const Terminal& t, const ClauseResult& r) {
  if (r.waived != nullptr) return t.ink(Ink::dim, "waived   ");
  switch (r.outcome) {
    case ClauseOutcome::pass: return t.ink(Ink::green, "pass     ");
    case ClauseOutcome::fail: return t.ink(Ink::red, "FAIL     ");
    case ClauseOutcome::undecided: return t.ink(Ink::yellow, "undecided");
    case ClauseOutcome::told: break;
  }
  return t.ink(Ink::cyan, "told     ");
}

std::string shorts(const Terminal& t, const ClauseResult& r, bool all) {
  std::vector<const ShortCell*> cells;
  for (const ShortCell& cell : r.shorts)
    if (!cell.waived) cells.push_back(&cell);
  std::stable_sort(cells.begin(), cells.end(),
                   [](const ShortCell* a, const ShortCell* b) { return a->have < b->have; });
  const std::size_t most = all ? cells.size() : 4;
  std::size_t width = 0;
  for (std::size_t k = 0; k < cells.size() && k < most; ++k)
    width = std::max(width, display_width(printable(to_string(cells[k]->tuple))));
  std::string out;
  for (std::size_t k = 0; k < cells.size() && k < most; ++k)
    out += "               " + padded(printable(to_string(cells[k]->tuple)), width) + "  " +
           t.ink(Ink::dim, with_commas(cells[k]->have) + " of " + with_commas(cells[k]->need)) + "\n";
  if (r.short_count > most)
    out += "               " + t.ink(Ink::dim, "and " + with_commas(r.short_count - most) + " more (--all)") + "\n";
  return out;
}

std::string clauses(const Terminal& t, const ContractChecked& checked, bool all) {
  const Contract& contract = checked.run->contract;
  std::size_t names = 0;
  for (const ClauseResult& r : checked.run->report.clauses)
    names = std::max(names, display_width(printable(contract.clauses[r.clause].text())));
  names = std::min<std::size_t>(names, 40);
  std::string out;
  for (const ClauseResult& r : checked.run->report.clauses) {
    const std::string name = printable(contract.clauses[r.clause].text());
    const bool fails = r.outcome == ClauseOutcome::fail && r.waived == nullptr;
    std::string line = "  " + mark(t, r) + "  " + padded(cut(name, names), names) + "  " +
                       (fails ? t.ink(Ink::bold, figures(r)) : figures(r));
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
    if (r.waived != nullptr)
      out += t.ink(Ink::dim, "             " + printable(r.waived->reason) +
                                 (r.waived->by.empty() ? "" : ", says " + printable(r.waived->by)) +
                                 (r.waived->until.empty() ? "" : ", until " + r.waived->until)) +
             "\n";
    else
      out += t.ink(Ink::dim, "             " + printable(r.said) +
                                 (r.unknown > 0 ? "; not known of " + with_commas(r.unknown) : "")) +
             "\n";
    const bool lists = (r.outcome == ClauseOutcome::fail && r.waived == nullptr) || (all && r.short_count > 0);
    if (lists) out += shorts(t, r, all);
  }
  return out;
}

std::string collect(const Terminal& t, const ContractChecked& checked, bool all) {
  const std::vector<ToCollect>& order = checked.run->report.order;
  if (order.empty()) return {};
  std::uint64_t units = 0, objects = 0;
  for (const ToCollect& wanted : order) (wanted.objects ? objects : units) += wanted.count;
  const std::string_view unit = checked.run->contract.of_groups ? "group" : "image";
  std::string total = units > 0 ? counted(units, unit) : "";
  if (objects > 0) total += (total.empty() ? "" : ", ") + counted(objects, "object");
  std::string out = "\n" + t.ink(Ink::bold, "To collect") + "  " + total + " would turn it green\n";
  const std::size_t most = all ? order.size() : std::min<std::size_t>(order.size(), 8);
  std::size_t width = 0;
  for (std::size_t k = 0; k < most; ++k)
    width = std::max(width, counted(order[k].count, order[k].objects ? "object" : unit).size());
  for (std::size_t k = 0; k < most; ++k)
    out += "  " + to_right(counted(order[k].count, order[k].objects ? "object" : unit), width) + "  " +
           printable(to_string(order[k].tuple)) +
           (order[k].serves > 1 ? t.ink(Ink::dim, "  for " + with_commas(order[k].serves) + " that are short") : "") +
           "\n";
  if (order.size() > most)
    out += "  " + t.ink(Ink::dim, "and " + with_commas(order.size() - most) + " kinds more (--all)") + "\n";
  return out;
}

std::string told(const Terminal& t, const ContractChecked& checked, bool all) {
  const ContractReport& report = checked.run->report;
  const std::string& dataset = checked.run->contract.dataset;
  std::string out =
      (dataset.empty() ? "" : t.ink(Ink::bold, printable(dataset)) + "  ") +
      t.ink(Ink::dim, printable(checked.contract) + "  " + checked.run->contract.digest.text().substr(0, 19) + "…") +
      "\n" + printable(report.unit_said) + "\n\n";
  out += clauses(t, checked, all) + collect(t, checked, all) + "\n";
  const std::string verdict = checked.passed ? report.undecided > 0 ? t.ink(Ink::yellow, "passed, undecided in part")
                                                                    : t.ink(Ink::green, "passed")
                              : report.failed > 0 ? t.ink(Ink::red, "FAILED")
                                                  : t.ink(Ink::red, "FAILED: undecided, and --strict");
  std::string counts;
  for (const auto& [count, word] :
       {std::pair(report.passed, "pass"), std::pair(report.failed, "fail"), std::pair(report.undecided, "undecided"),
        std::pair(report.told, "told"), std::pair(report.waived, "waived")})
    if (count > 0) counts += (counts.empty() ? "" : ", ") + with_commas(count) + " " + word;
  return out + verdict + "  " + (counts.empty() ? "the contract has no clause" : counts) + "\n";
}

Result<ScanRequest> scanning(const ContractFlags& f, NearTier& near) {
  ScanRequest request;
  request.cache = !f.no_cache;
  if (!f.near.empty()) {
    VETSET_TRY(near, parse_near(f.near));
  }
  return request;
}

int run_init(Terminal& t, const ContractFlags& f, const Source& source, const Common& common) {
  ContractInitOptions options{.pixels = !f.no_pixels, .name = std::string(base_name(source.tree->name()))};
  auto request = scanning(f, options.near);
  if (!request) return t.fail(request.error());
  options.scan = *std::move(request);
  options.common = common;
  const auto text = contract_init(source, options);
  if (!text) return t.fail(text.error());
  if (f.output.empty() || f.output == "-") {
    t.out(*text);
    return Exit::yes;
  }
  std::error_code failed;
  if (!f.overwrite && std::filesystem::exists(f.output, failed))
    return t.fail({Code::refused, "is there already; --overwrite replaces it", f.output});
  if (const auto written = write_file_atomically(f.output, *text); !written) return t.fail(written.error());
  const auto clauses = static_cast<std::uint64_t>(std::count(text->begin(), text->end(), '\n'));
  t.out("wrote  " + printable(f.output) + "  " + counted(clauses, "line") + "; now: vetset contract check " +
        shell_word(f.src) + " --contract " + shell_word(f.output) + "\n");
  return Exit::yes;
}

int run_check(Terminal& t, const ContractFlags& f, const Source& source, const Common& common) {
  ContractOptions options{.contract = f.contract.empty() ? "contract.yaml" : f.contract,
                          .strict = f.strict,
                          .pixels = !f.no_pixels,
                          .today = f.today};
  auto request = scanning(f, options.near);
  if (!request) return t.fail(request.error());
  options.scan = *std::move(request);
  options.common = common;
  std::optional<Embeddings> embeddings;
  if (!f.embeddings.empty()) {
    auto read = read_embeddings(source, f.embeddings, f.embeddings_paths);
    if (!read) return t.fail(read.error());
    options.embeddings = &embeddings.emplace(*std::move(read));
  }
  const auto checked = contract_check(source, options);
  if (!checked) return t.fail(checked.error());
  for (const std::string& note : checked->notes) t.say(note);
  if (f.json)
    t.out(pretty_json(to_json(*checked, "vetset " + std::string(version()), printable(source.tree->name()))) + "\n");
  else
    t.out(told(t, *checked, f.all));
  return checked->passed ? Exit::yes : Exit::no;
}

int run_contract(Terminal& t, const ContractFlags& f) {
  if (f.verb != "init" && f.verb != "check")
    return t.fail({Code::usage, "expected 'vetset contract init' or 'check', found '" + f.verb + "'"});
  if (f.verb == "check" && !f.contract.empty() && !f.output.empty())
    return t.fail({Code::usage, "-o is where init writes; check writes nothing"});
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  if (f.verb == "check") {  // a mistake in the contract is told before hours of decoding
    const auto contract = read_contract(f.contract.empty() ? "contract.yaml" : f.contract);
    if (!contract) return t.fail(contract.error());
  }
  const auto source = open(f.src, opening);
  if (!source) return t.fail(source.error());
  return f.verb == "init" ? run_init(t, f, *source, opening.common) : run_check(t, f, *source, opening.common);
}

constexpr Example examples[] = {
    {"vetset contract init street -o contract.yaml", "a first contract, from what is there"},
    {"vetset contract check street --contract contract.yaml", "does the dataset hold what it has to hold"},
    {"vetset contract check street --contract contract.yaml --strict", "what is undecided is a no"},
    {"vetset contract check street --contract contract.yaml --json", "every figure, for programs"},
};

}  // namespace

extern const Command contract_command;
const Command contract_command{
    .name = "contract",
    .summary = "hold a dataset to what it has to cover, or write that down",
    .about =
        "Exit status: 0 it does, 1 it does not, 2 the contract has a mistake.\n"
        "docs/guide/contract.md says what a contract can ask for.\n",
    .examples = examples,
    .first = true,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<ContractFlags>();
      a.positional("VERB", f->verb, "init, check")
          .positional("SRC", f->src, "a dataset's folder, an archive, or one annotation file")
          .option("--contract", f->contract, "FILE", "check: the contract; contract.yaml if not said")
          .option("-o", f->output, "FILE", "init: where it is written; stdout if not said")
          .flag("--overwrite", f->overwrite, "init: replace what is at -o")
          .flag("--strict", f->strict, "check: what is undecided is a no")
          .flag("--all", f->all, "check: every combination that is short")
          .option("--today", f->today, "DATE",
                  "check: the day that decides which waivers hold; the clock's if not said")
          .option("--embeddings", f->embeddings, "FILE", "check: rows of the dataset's images, for embedding clauses")
          .option("--embeddings-paths", f->embeddings_paths, "FILE", "check: whose each row is")
          .flag("--no-pixels", f->no_pixels, "decode nothing: what only pixels and EXIF tell is not known")
          .option("--near", f->near, "TIER", "how near-duplicates are searched for groups: basic, views, full",
                  {"basic", "views", "full"})
          .flag("--no-cache", f->no_cache, "remember nothing of the pixels, and take nothing that is remembered")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_contract(t, *f); };
    }};

}  // namespace vetset::cli
