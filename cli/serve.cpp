// vetset serve: exported models over HTTP.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "cli/command.h"
#include "vetset/base/digest.h"
#include "vetset/base/fs.h"
#include "vetset/base/unicode.h"
#include "vetset/serve/http_server.h"
#include "vetset/vetset_infer.h"

namespace vetset::cli {
namespace {

struct ServeFlags {
  std::vector<std::string> models;
  std::string spec, preset, runtime, provider = "cpu", address = "127.0.0.1", token_file, certificate, key;
  unsigned port = 8000, workers = 0, waiting = 256, body_mb = 64, wait = 30, drain = 30, lead = 5, header_wait = 10,
           body_wait = 30, idle = 60;
  bool quiet_log = false;
};

/// "best.onnx", or "street=best.onnx".
std::pair<std::string, std::string> named(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals != std::string::npos && equals > 0 && word.find('/') > equals)
    return {word.substr(0, equals), word.substr(equals + 1)};
  return {std::string(stem_of(word)), word};
}

/// One run on zeros, so that the first request does not pay for what a runtime puts off.
Result<void> warm(const Session& session) {
  std::vector<Tensor> zeros;
  bool known = true;
  for (const TensorInfo& info : session.inputs()) {
    std::vector<std::int64_t> shape = info.shape;
    for (std::size_t k = 0; k < shape.size(); ++k)
      if (shape[k] < 0) shape[k] = k == 0 ? 1 : k == 1 && shape.size() == 4 ? 3 : 320;
    known = known && shape == info.shape;
    if (!info.has_shape || elements_of(shape) < 0 || elements_of(shape) > (1 << 24)) return {};
    zeros.push_back(Tensor::zeros(info.type, shape));
  }
  if (auto ran = session.run(zeros); !ran && known) return std::move(ran).error();
  return {};  // a guessed shape may be wrong: that says nothing of the model
}

/// With its contract; where it has none and none was named, for tensors alone.
Result<Serving> load(Terminal& t, const ServeFlags& f, const std::string& word) {
  const auto [name, file] = named(word);
  const RuntimeOptions runtime{.library = f.runtime};
  const SessionOptions session{.providers = {f.provider}, .threads = 1};
  Result<OpenedModel> opened =
      open_model({.model = file, .spec = f.spec, .preset = f.preset, .runtime = runtime, .session = session});
  Serving serving;
  if (opened) {
    for (const std::string& note : opened->notes) t.say(note);
    serving = serving_of(name, std::move(opened->model));
  } else {
    const Code why = opened.error().code;
    if (!f.spec.empty() || !f.preset.empty() || (why != Code::refused && why != Code::unsupported))
      return std::move(opened).error();
    VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(file));
    VETSET_TRY(const Bytes bytes, tree->read(base_name(file)));
    VETSET_TRY(const std::shared_ptr<Runtime> loaded, Runtime::load(runtime));
    serving = {.name = name,
               .version = "1",
               .sha256 = sha256(bytes.text()).hex(),
               .runtime = loaded,
               .session = {},
               .model = {}};
    VETSET_TRY(serving.session, loaded->open(file, session));
    t.say(name + " is served for tensors, not for pictures: " + opened.error().message);
  }
  VETSET_DO(warm(*serving.session));
  return serving;
}

std::string told(const Serving& s) {
  return s.name + ": " + s.runtime->name() + " " + s.runtime->version() + " on " + s.session->providers().front() +
         (s.model ? ", contract " + s.model->spec_digest() : std::string());
}

std::string base_url(const ServeFlags& f, std::uint16_t port) {
  const bool six = f.address.find(':') != std::string::npos;
  return std::string(f.certificate.empty() ? "http" : "https") + "://" + (six ? "[" + f.address + "]" : f.address) +
         ":" + std::to_string(port);
}

int run_serve(Terminal& t, const ServeFlags& f) {
  if (f.models.empty()) return t.fail({Code::usage, "say which models are served: vetset serve best.onnx"});
  if (f.models.size() > 1 && !f.spec.empty())
    return t.fail({Code::usage, "--spec is of one model; put the contracts of several beside them"});
  if (f.port > 65535) return t.fail({Code::usage, "--port is " + std::to_string(f.port) + "; expected up to 65535"});
  if (f.certificate.empty() != f.key.empty())
    return t.fail({Code::usage, "--tls-certificate and --tls-key come together"});
  std::string token;
  if (!f.token_file.empty()) {
    const auto tree = open_file(f.token_file);
    if (!tree) return t.fail(tree.error());
    const auto bytes = (*tree)->read(base_name(f.token_file));
    if (!bytes) return t.fail(bytes.error());
    token = bytes->text();
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
    if (token.size() < 16)
      return t.fail({Code::usage,
                     "holds a token of " + std::to_string(token.size()) + " characters; expected 16 or more",
                     f.token_file});
  }

  // Signals are waited for by this thread alone; those that are started now do not get them.
  sigset_t asked;
  sigemptyset(&asked);
  for (const int s : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&asked, s);
  pthread_sigmask(SIG_BLOCK, &asked, nullptr);

  const std::uint64_t most_bytes = std::max<std::uint64_t>(256, std::uint64_t{f.body_mb} * 4) << 20;
  Service service({.workers = f.workers,
                   .waiting = f.waiting,
                   .waiting_bytes = most_bytes,
                   .limits = {.body = std::uint64_t{f.body_mb} << 20}});
  std::set<std::string> names;
  std::string pictures;  // who takes them
  for (const std::string& word : f.models) {
    auto serving = load(t, f, word);
    if (!serving) return t.fail(serving.error());
    if (!names.insert(serving->name).second)
      return t.fail({Code::usage, "two models are called '" + serving->name + "'; name them: a=one.onnx b=two.onnx"});
    t.say(told(*serving));
    if (serving->model && pictures.empty()) pictures = serving->name;
    service.serve(*std::move(serving));
  }

  std::mutex lines;
  HttpOptions http{.address = f.address,
                   .port = static_cast<std::uint16_t>(f.port),
                   .header_time = std::chrono::seconds(f.header_wait),
                   .idle_time = std::chrono::seconds(f.idle),
                   .body_time = std::chrono::seconds(f.body_wait),
                   .body_bytes = most_bytes,
                   .most_wait = std::chrono::seconds(f.wait),
                   .token = token,
                   .certificate = f.certificate,
                   .key = f.key};
  if (!f.quiet_log)
    http.log = [&](std::string_view line) {
      const std::lock_guard lock(lines);
      const std::string whole = std::string(line) + "\n";
      (void)write_all(2, whole, "stderr");
    };
  auto server = HttpServer::start(service, http);
  if (!server) return t.fail(server.error());
  const std::string url = base_url(f, (*server)->port());
  t.out("serving " + url + "\n");
  const std::string place = url + "/predict" + (f.models.size() > 1 ? "/" + pictures : std::string());
  if (!pictures.empty()) t.out("  a picture   curl --data-binary @photo.jpg " + place + "\n");
  t.out("  tensors     " + url + "/v2 (Open Inference Protocol)\n");

  while (true) {
    int signal = 0;
    if (sigwait(&asked, &signal) != 0) continue;
    if (signal != SIGHUP) break;
    for (const std::string& word : f.models) {  // verified and warmed beside the old one, which stays where this fails
      auto serving = load(t, f, word);
      service.reloaded(static_cast<bool>(serving));
      if (!serving) {
        t.say("not reloaded: " + to_string(serving.error()));
        continue;
      }
      t.say("reloaded " + serving->name + ", sha256 " + serving->sha256);
      service.serve(*std::move(serving));
    }
  }
  t.say("draining");
  service.retire();  // not ready from now on, while balancers look elsewhere
  const timespec lead{.tv_sec = static_cast<time_t>(f.lead), .tv_nsec = 0};
  sigtimedwait(&asked, nullptr, &lead);  // a second signal ends the wait
  // What has come is read, executed and answered; nobody else is let in.
  const bool all = (*server)->stop(std::chrono::seconds(f.drain));
  const bool executed = service.drain(std::chrono::seconds(0));
  if (!executed) (*server)->stop(std::chrono::seconds(1));  // those that were dismissed hear of it
  if (!all || !executed) {
    t.say("requests were cut off: --drain " + std::to_string(f.drain) + " went by");
    return Exit::in_part;
  }
  return Exit::yes;
}

constexpr Example examples[] = {
    {"vetset serve best.onnx", "POST a picture to http://127.0.0.1:8000/predict, get the boxes"},
    {"vetset serve street=a.onnx faces=b.onnx --address 0.0.0.0 --token-file token",
     "two models, for those who know the token"},
};

}  // namespace

extern const Command serve_command;
const Command serve_command{
    .name = "serve",
    .summary = "serve exported models over HTTP: pictures in, boxes out",
    .about =
        "Each model answers as its contract says (model.yaml beside it, or what its file says of itself). The Open\n"
        "Inference Protocol v2 is under /v2, with binary tensors; pictures go to /predict; figures for Prometheus are\n"
        "under /metrics; a page is at /. SIGHUP loads the models anew, SIGTERM ends what was accepted and stops.\n",
    .examples = examples,
    .first = true,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<ServeFlags>();
      a.positionals("MODEL", f->models, "exported models (.onnx); NAME=FILE names one")
          .option("--address", f->address, "IP", "to listen on; 127.0.0.1 if not said")
          .option("--port", f->port, "N", "8000 if not said; 0: any that is free")
          .option("--spec", f->spec, "FILE", "the contract; beside the model if not said")
          .option("--preset", f->preset, "NAME", "a ready-made contract", preset_names())
          .option("--provider", f->provider, "NAME", "what executes the model",
                  {"cpu", "cuda", "tensorrt", "openvino", "auto"})
          .option("--runtime", f->runtime, "LIB", "the file of ONNX Runtime")
          .option("--workers", f->workers, "N", "requests executed at once; the cores there are if not said")
          .option("--waiting", f->waiting, "N", "requests that wait, at most; 256 if not said")
          .option("--body", f->body_mb, "MB", "the largest request; 64 if not said")
          .option("--wait", f->wait, "SECONDS", "for an answer, where the request says nothing; 30 if not said")
          .option("--header-wait", f->header_wait, "SECONDS", "for a request's head; 10 if not said")
          .option("--body-wait", f->body_wait, "SECONDS", "for a body, and one more for each MiB; 30 if not said")
          .option("--idle", f->idle, "SECONDS", "between a connection's requests; 60 if not said")
          .option("--token-file", f->token_file, "FILE", "a bearer token that requests must bring")
          .option("--tls-certificate", f->certificate, "PEM", "serve https")
          .option("--tls-key", f->key, "PEM", "of the certificate")
          .option("--drain-lead", f->lead, "SECONDS", "not ready, yet serving, before a stop; 5 if not said")
          .option("--drain", f->drain, "SECONDS", "for requests that were accepted before a stop; 30 if not said")
          .flag("--no-log", f->quiet_log, "no line on stderr for each request");
      return [f](Terminal& t) { return run_serve(t, *f); };
    }};

}  // namespace vetset::cli
