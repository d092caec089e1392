// vetset card: what people should know of a dataset or a package, as a page or for other programs.
#include "cli/command.h"
#include "vetset/base/day.h"
#include "vetset/base/publish.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct CardFlags {
  std::string src, out, from, images_dir, as, answers, today;
  unsigned threads = 0;
  bool annex_iv = false, questions = false, no_check = false, json = false;
};

/// The form that a file's name asks for: "html" of "card.html".
std::string form_of(const CardFlags& f) {
  if (f.json) return "json";
  if (!f.as.empty()) return f.as;
  return f.out.ends_with(".html") || f.out.ends_with(".htm") ? "html" : "markdown";
}

int put(Terminal& t, const std::string& file, const std::string& text) {
  if (file.empty()) {
    t.out(text);
    return Exit::yes;
  }
  if (const auto done = write_file_atomically(file, text); !done) return t.fail(done.error());
  t.say("written to " + printable(file));
  return Exit::yes;
}

int run_card(Terminal& t, const CardFlags& f) {
  if (f.questions) return put(t, f.out, card_questions());
  if (f.src.empty()) return t.fail({Code::usage, "say of which dataset or package: vetset card SRC"});
  if (!f.today.empty() && !is_date(f.today))
    return t.fail({Code::usage, "--today: expected a day like 2027-03-31, found '" + printable(f.today) + "'"});
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  const auto source = open(f.src, opening);
  if (!source) return t.fail(source.error());
  const auto text = card(*source, f.src,
                         {.as = form_of(f),
                          .annex_iv = f.annex_iv,
                          .answers = f.answers,
                          .check = !f.no_check,
                          .today = f.today,
                          .common = opening.common});
  if (!text) return t.fail(text.error());
  return put(t, f.out, *text);
}

constexpr Example examples[] = {
    {"vetset card street.pkg", "what is in it, how it was checked, whose it is, what is missing"},
    {"vetset card street.pkg -o street.html", "the same as a page for a browser, or for paper"},
    {"vetset card --questions > card.toml", "what only you can say: answer what you can, ..."},
    {"vetset card street --answers card.toml", "... and it stands in the card"},
    {"vetset card street.pkg --annex-iv -o annex.html", "for auditors: every number with its command"},
    {"vetset card street.pkg --as cyclonedx -o bom.json", "for a bill of materials"},
};

}  // namespace

extern const Command card_command;
const Command card_command{
    .name = "card",
    .summary = "tell people what a dataset is: a page, an annex, a bill of materials",
    .about =
        "Counts and checks are measured; answers come from card.toml (--answers, or the one in a package). What "
        "nobody\n"
        "answered is told as not answered.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<CardFlags>();
      a.positional("SRC", f->src, "a package, a dataset's folder, an archive, or one annotation file", false)
          .option("-o", f->out, "FILE", "where it goes; stdout if not said")
          .option("--as", f->as, "FORM", "markdown, or html where FILE ends so; json, croissant, cyclonedx, spdx",
                  {"markdown", "html", "json", "croissant", "cyclonedx", "spdx"})
          .flag("--annex-iv", f->annex_iv, "by the headings of the EU's AI Act, Annex IV 2(d) and Article 10(2)")
          .option("--answers", f->answers, "FILE", "what only people know (TOML); that of the package if not said")
          .flag("--questions", f->questions, "print the questions as such a file, and nothing else")
          .flag("--no-check", f->no_check, "do not ask the rules that look at labels")
          .option("--today", f->today, "DATE", "the day that SPDX is dated; the clock's if not said")
          .option("--from", f->from, "FORMAT", "the format of SRC; found by itself if not said")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON, as --as json does");
      return [f](Terminal& t) { return run_card(t, *f); };
    }};

}  // namespace vetset::cli
