// vetset key new: a key pair to sign with.
#include "cli/command.h"
#include "cli/passphrase.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct KeyFlags {
  std::string verb, path;
  int passphrase_fd = -1;
  bool json = false;
};

int run_key(Terminal& t, const KeyFlags& f) {
  if (f.verb != "new") return t.fail({Code::usage, "expected 'vetset key new FILE', found '" + f.verb + "'"});
  const auto passphrase = new_passphrase(f.passphrase_fd);
  if (!passphrase) return t.fail(passphrase.error());
  const auto made = new_key(f.path, *passphrase);
  if (!made) return t.fail(made.error());
  if (f.json) {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .key("private")
        .value(made->private_path)
        .key("public")
        .value(made->public_path)
        .key("key")
        .value(made->hint)
        .end_object();
    t.out(pretty_json(out) + '\n');
    return Exit::yes;
  }
  t.out("private  " + printable(made->private_path) +
        (passphrase->empty() ? "  not encrypted: keep it to yourself" : "  encrypted") + "\n");
  t.out("public   " + printable(made->public_path) + "  give it to those who verify\n");
  t.out("key      " + made->hint + "\n");
  return Exit::yes;
}

constexpr Example examples[] = {{"vetset key new team.key", "makes team.key and team.key.pub"}};

}  // namespace

extern const Command key_command;
const Command key_command{.name = "key",
                          .summary = "make a key pair to sign with",
                          .about = {},
                          .examples = examples,
                          .first = false,
                          .define = [](Arguments& a) -> std::function<int(Terminal&)> {
                            auto f = std::make_shared<KeyFlags>();
                            a.positional("VERB", f->verb, "new")
                                .positional("FILE", f->path, "where the private key goes; the public one gets .pub")
                                .option("--passphrase-fd", f->passphrase_fd, "N",
                                        "read the passphrase from this file descriptor")
                                .flag("--json", f->json, "print JSON");
                            return [f](Terminal& t) { return run_key(t, *f); };
                          }};

}  // namespace vetset::cli
