// vetset receive: verify what was sent, hold it to our own checks and contract, answer.
#include "cli/judging.h"
#include "cli/passphrase.h"
#include "vetset/base/json.h"
#include "vetset/base/page.h"
#include "vetset/base/publish.h"
#include "vetset/base/shell.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset_reported.h"

namespace vetset::cli {
namespace {

struct ReceiveFlags {
  std::string src, contract, sign_with, answer, receipt, policy, markdown;
  std::vector<std::string> keys, policy_keys;
  JudgingFlags judging;
  int passphrase_fd = -1;
  unsigned threads = 0;
  bool unsigned_too = false, strict = false, json = false;
};

std::string sender_of(const Received& r) {
  if (r.verification.signers.empty()) return "signed by nobody who is trusted here";
  return "signed by " + r.verification.signers.front().substr(0, 16) + "…" +
         (r.verification.signers.size() > 1 ? " and others" : "");
}

/// The list of defects as a page: to be sent back.
std::string answer_page(const Received& r) {
  const Verification& v = r.verification;
  Page page((r.accepted ? "Accepted: " : "Refused: ") + printable(v.name + " " + v.version));
  page.list({{plain("package "), code(v.package_id)},
             {plain("dataset "), code(v.dataset_id)},
             {plain("verification: " + std::string(name(v.verdict)) + ", " + sender_of(r))}});
  const std::vector<std::string> missing = r.report ? own_not_run(*r.report) : std::vector<std::string>();
  for (const std::string& why : missing) page.paragraph({plain("Not run: " + printable(why))});
  if (r.defects.empty()) return to_markdown(page);
  std::vector<std::vector<Line>> rows;
  for (const Defect& d : r.defects)
    rows.push_back(
        {{plain(d.kind)}, {plain(printable(d.code))}, {code(printable(d.where))}, {plain(printable(d.what))}});
  page.heading("Defects");
  page.table({"of the", "code", "where", "what"}, std::move(rows));
  return to_markdown(page);
}

std::string told(const Terminal& t, const Received& r) {
  const Verification& v = r.verification;
  std::string out = t.ink(Ink::bold, printable(v.name + " " + v.version)) + "  " + std::string(name(v.verdict)) + ", " +
                    sender_of(r) + "\n";
  if (r.report) {
    out += "checked by us: " + counted(r.report->errors, "error") + ", " + counted(r.report->warnings, "warning") +
           ", " + counted(r.report->notes, "note") + "\n";
    for (const std::string& why : own_not_run(*r.report))
      out += t.ink(Ink::yellow, "NOT RUN") + "  " + wrapped(printable(why), 9, t.width());
    if (r.report->contract) {
      const ContractReport& c = r.report->contract->report;
      out += "our contract: " + counted(c.passed, "clause") + " passed, " + with_commas(c.failed) + " failed, " +
             with_commas(c.undecided) + " undecided\n";
    }
  } else {
    out += "not checked: it is not what its manifest says\n";
  }
  if (!r.defects.empty()) out += "\n" + t.ink(Ink::bold, "DEFECTS") + "\n";
  for (const Defect& d : r.defects) {
    std::string line = printable(d.code);
    if (!d.where.empty()) line += "  " + printable(d.where);
    out += "  " + t.ink(d.severity == Severity::error ? Ink::red : Ink::yellow, padded(d.kind, 9)) + "  " +
           wrapped(line + "  " + printable(d.what), 13, t.width());
  }
  return out;
}

int run_receipt(Terminal& t, const ReceiveFlags& f) {
  const auto receipt = read_receipt(f.receipt, f.src, f.keys);
  if (!receipt) {
    t.fail(receipt.error());
    return receipt.error().code == Code::untrusted ? Exit::no : Exit::could_not;
  }
  if (f.json) {
    t.out(pretty_json(*receipt) + "\n");
    return Exit::yes;
  }
  const auto parsed = Json::parse(*receipt);
  const std::string result(parsed ? parsed->text_or("result", "") : ""), day(parsed ? parsed->text_or("on", "") : "");
  t.out(t.ink(Ink::green, printable(result)) + " on " + printable(day) + ", signed by a key that was given\n");
  return Exit::yes;
}

int run_receive(Terminal& t, const ReceiveFlags& f) {
  if (!f.receipt.empty()) return run_receipt(t, f);
  auto judged = judging(".", f.judging, true);
  if (!judged) return t.fail(judged.error());
  ReceiveOptions options{.verify = {.keys = f.keys, .policy = f.policy, .policy_keys = f.policy_keys},
                         .check = std::move(judged->options),
                         .integrity_only = f.unsigned_too,
                         .sign_with = f.sign_with,
                         .common = {}};
  options.verify.today = options.check.settings.today;
  options.verify.strict = f.strict;
  options.check.contract = f.contract;
  options.common.threads = f.threads;
  options.common.progress = t.progress();
  if (!f.sign_with.empty()) {
    auto passphrase = passphrase_for(f.sign_with, f.passphrase_fd);
    if (!passphrase) return t.fail(passphrase.error());
    options.passphrase = *std::move(passphrase);
  }
  if (f.sign_with.empty() && !f.answer.empty())
    return t.fail({Code::usage, "-o takes the counter-signature: say whose with --sign-with KEY"});
  const auto received = receive(f.src, options);
  if (!received) return t.fail(received.error());
  std::string name = f.src;
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  const std::string file = f.answer.empty() ? name + ".receipt.sigstore.json" : f.answer;
  if (!received->statement.empty())
    if (const auto written = write_file_atomically(file, received->statement); !written) return t.fail(written.error());
  if (!f.markdown.empty())
    if (const auto written = write_file_atomically(f.markdown, answer_page(*received)); !written)
      return t.fail(written.error());
  if (f.json) {
    t.out(pretty_json(received->document) + "\n");
    return received->accepted ? Exit::yes : Exit::no;
  }
  t.out(told(t, *received));
  t.out("\n" + (received->accepted ? t.ink(Ink::green, "ACCEPTED") : t.ink(Ink::red, "REFUSED")) + "\n");
  if (!received->statement.empty())
    t.out("counter-signature: " + printable(file) + "; the sender checks it: vetset receive " + shell_word(f.src) +
          " --receipt " + shell_word(file) + " --key YOURS.pub\n");
  else if (received->accepted)
    t.out("to answer with a counter-signature: --sign-with KEY\n");
  else if (f.markdown.empty())
    t.out("to send the list back: --markdown FILE\n");
  return received->accepted ? Exit::yes : Exit::no;
}

constexpr Example examples[] = {
    {"vetset receive street.pkg --key sender.pub --contract ours.yaml", "is it theirs, whole, and good enough for us"},
    {"vetset receive street.pkg --key sender.pub --sign-with ours.key", "the same, with a counter-signature"},
    {"vetset receive street.pkg --key sender.pub --markdown defects.md", "the list of defects, to be sent back"},
    {"vetset receive street.pkg --receipt answer.json --key receiver.pub", "the sender: did they accept this package"},
};

}  // namespace

extern const Command receive_command;
const Command receive_command{
    .name = "receive",
    .summary = "verify a package that was sent, hold it to your own contract, answer with a signature or defects",
    .about =
        "Nothing is written into the package. Rules and thresholds are those of your own vetset.toml, looked for from\n"
        "the working folder. Exit status: 0 accepted, 1 refused, 2 could not look.\n",
    .examples = examples,
    .first = false,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<ReceiveFlags>();
      a.positional("PKG", f->src, "a package or a sealed folder")
          .list("--key", f->keys, "FILE", "the sender's public key (PEM); with --receipt, the receiver's")
          .option("--policy", f->policy, "FILE", "a signed trust policy, whose keys count")
          .list("--policy-key", f->policy_keys, "FILE", "the key that signed the policy")
          .flag("--unsigned", f->unsigned_too, "a package that is whole will do, whoever signed it")
          .option("--contract", f->contract, "FILE", "your own coverage contract")
          .option("--sign-with", f->sign_with, "KEY",
                  "counter-sign what is accepted, with this P-256 private key (PEM)")
          .option("-o", f->answer, "FILE", "where the counter-signature goes; PKG.receipt.sigstore.json if not said")
          .option("--markdown", f->markdown, "FILE", "write the answer there, for people")
          .option("--receipt", f->receipt, "FILE", "check a counter-signature that came back, and nothing else")
          .flag("--strict", f->strict, "hard links, image bombs and bytes behind images are defects")
          .option("--passphrase-fd", f->passphrase_fd, "N", "read the key's passphrase from this file descriptor");
      define_judging(a, f->judging);
      define_gate(a, f->judging);
      define_pixels(a, f->judging);
      a.option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "print JSON");
      return [f](Terminal& t) { return run_receive(t, *f); };
    }};

}  // namespace vetset::cli
