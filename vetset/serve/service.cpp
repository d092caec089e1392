#include "vetset/serve/service.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/serve/figures.h"

namespace vetset {
namespace {

using Seconds = std::chrono::duration<double>;

double seconds(Clock::duration d) { return Seconds(d).count(); }

Served served_of(const Error& error) {
  switch (error.code) {
    case Code::limit: return Served::too_large;
    case Code::not_found: return Served::not_found;
    case Code::defect:
    case Code::io: return Served::failed;
    default: return Served::bad_request;
  }
}

Reply refusal(Served served, std::string message) {
  Reply reply{.served = served, .message = std::move(message)};
  reply.body = oip_error(reply.message);
  return reply;
}

void append_float(std::string& out, float value) {
  append_number(out, std::round(static_cast<double>(value) * 1e4) / 1e4);
}

/// What a picture's answer looks like for people and programs.
std::string answer_json(const Serving& s, const ModelAnswer& answer, const Placement& at) {
  const ModelSpec& spec = s.model->spec();
  const auto name = [&](std::uint32_t label) {
    return label < spec.classes.size() ? spec.classes[label].name : std::to_string(label);
  };
  const auto id = [&](std::uint32_t label) {
    return label < spec.classes.size() ? spec.classes[label].id : static_cast<std::int64_t>(label);
  };
  std::string out = "{\"model\":";
  append_json_string(out, s.name);
  out += ",\"width\":" + std::to_string(at.image_width) + ",\"height\":" + std::to_string(at.image_height);
  const auto list = [&](std::string_view key, std::span<const float> values) {
    out += ",\"" + std::string(key) + "\":[";
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (k) out += ',';
      append_float(out, values[k]);
    }
    out += ']';
  };
  const auto labelled = [&](std::uint32_t label, float score) {
    out += "{\"class\":";
    append_json_string(out, name(label));
    out += ",\"id\":" + std::to_string(id(label)) + ",\"score\":";
    append_float(out, score);
  };
  if (spec.task == ModelTask::classify) {
    out += ",\"classes\":[";
    for (const ClassScore& c : answer.classes) {
      if (&c != answer.classes.data()) out += ',';
      labelled(c.label, c.score);
      out += '}';
    }
    return out + "]}";
  }
  if (spec.task == ModelTask::embed) {
    list("embedding", answer.embedding);
    return out + "}";
  }
  out += ",\"detections\":[";
  for (const DetectedObject& d : answer.detections) {
    if (&d != answer.detections.data()) out += ',';
    labelled(d.label, d.score);
    list("box", d.box);
    if (spec.task == ModelTask::obb) list("angle", std::span(&d.angle, 1));
    if (!d.keypoints.empty()) list("keypoints", d.keypoints);
    out += '}';
  }
  return out + "]}";
}

}  // namespace

unsigned http_status(Served served) {
  switch (served) {
    case Served::ok: return 200;
    case Served::bad_request: return 400;
    case Served::not_found: return 404;
    case Served::too_large: return 413;
    case Served::overloaded: return 429;
    case Served::gone: return 499;
    case Served::failed: return 500;
    case Served::not_ready: return 503;
    case Served::late: return 504;
  }
  return 500;
}

std::string unknown_model(std::string_view name, std::string_view version) {
  std::string text = "no model is called '" + std::string(name.substr(0, 80)) + "'";
  if (!version.empty()) text += " in the version '" + std::string(version.substr(0, 20)) + "'";
  return text;
}

Serving serving_of(std::string name, std::shared_ptr<const Model> model) {
  return {.name = std::move(name),
          .version = "1",
          .sha256 = model->sha256(),
          .runtime = {model, &model->runtime()},
          .session = {model, &model->session()},
          .model = model};
}

struct Service::State {
  struct Job {
    std::shared_ptr<const Serving> serving;
    std::shared_ptr<const std::string> body;
    std::optional<std::uint64_t> json_bytes;
    bool picture = false;
    Clock::time_point arrived;
    Waiter waiter;
  };

  explicit State(const ServiceOptions& given) : options(given) {
    const unsigned n = options.workers ? options.workers : std::max(1U, std::thread::hardware_concurrency());
    for (unsigned k = 0; k < n; ++k) workers.emplace_back([this] { work(); });
  }
  ~State() {
    {
      const std::lock_guard lock(mutex);
      ending = true;
    }
    wake.notify_all();
    for (std::thread& t : workers) t.join();
  }

  /// Takes a job in, or says why not.
  void admit(Job job) {
    std::optional<Reply> no;
    {
      const std::lock_guard lock(mutex);
      const double wait = expected * static_cast<double>(jobs.size() + running) / static_cast<double>(workers.size());
      if (draining || ending) {
        no = refusal(Served::not_ready, "the server is draining");
      } else if (jobs.size() >= options.waiting || waiting_bytes + job.body->size() > options.waiting_bytes) {
        no = refusal(Served::overloaded, std::to_string(jobs.size()) + " requests are waiting");
      } else if (Seconds(wait) > job.waiter.deadline - job.arrived) {
        no = refusal(Served::overloaded, "the wait would be longer than the request's time");
      }
      if (no && no->served == Served::overloaded)
        no->retry_after_s = static_cast<std::uint32_t>(std::clamp(std::ceil(wait), 1.0, 60.0));
      if (!no) {
        waiting_bytes += job.body->size();
        jobs.push_back(std::move(job));
      }
    }
    if (no) {
      figures.count(job.serving->name, job.serving->version, static_cast<int>(http_status(no->served)), nullptr);
      job.waiter.done(*std::move(no));
      return;
    }
    wake.notify_one();
  }

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [&] { return ending || !jobs.empty(); });
      if (jobs.empty()) return;
      Job job = std::move(jobs.front());
      jobs.pop_front();
      waiting_bytes -= job.body->size();
      ++running;
      lock.unlock();

      const Clock::time_point begun = Clock::now();
      Spent spent{.queue = seconds(begun - job.arrived)};
      const bool late = begun > job.waiter.deadline, gone = !late && job.waiter.gone && job.waiter.gone();
      Reply reply = late   ? refusal(Served::late, "the request's time was over before it was its turn")
                    : gone ? refusal(Served::gone, "the client has closed its connection")
                           : executed(job, spent);
      const bool run = reply.served != Served::late && !gone;
      figures.count(job.serving->name, job.serving->version, static_cast<int>(http_status(reply.served)),
                    run ? &spent : nullptr);
      const double took = seconds(Clock::now() - begun);
      const bool reply_ok = reply.served == Served::ok;
      job.waiter.done(std::move(reply));
      job = {};

      lock.lock();
      --running;
      // Refusals are quick and would make the next wait look short.
      if (reply_ok) expected = expected == 0 ? took : 0.9 * expected + 0.1 * took;
      if (running == 0 && jobs.empty()) idle.notify_all();
    }
  }

  Reply executed(const Job& job, Spent& spent) const {
    try {  // libraries throw where memory ends; one request must not end the others
      return job.picture ? predict(job, spent) : infer(job, spent);
    } catch (const std::bad_alloc&) {
      return refusal(Served::failed, "memory ran out");
    }
  }

  /// Ends those that wait.
  void dismiss() {
    std::deque<Job> left;
    {
      const std::lock_guard lock(mutex);
      left.swap(jobs);
      waiting_bytes = 0;
    }
    for (Job& job : left) {
      figures.count(job.serving->name, job.serving->version, 503, nullptr);
      job.waiter.done(refusal(Served::not_ready, "the server stopped before it was the request's turn"));
    }
  }

  Reply infer(const Job& job, Spent& spent) const {
    const Serving& s = *job.serving;
    const Session& session = *s.session;
    Clock::time_point at = Clock::now();
    const auto lap = [&] {
      const Clock::time_point before = std::exchange(at, Clock::now());
      return seconds(at - before);
    };
    Result<OipRequest> request = parse_oip_request(*job.body, job.json_bytes, options.limits);
    if (!request) return refusal(served_of(request.error()), request.error().message);
    Result<std::vector<Tensor>> inputs = oip_inputs(*request, session.inputs());
    spent.decode = lap();
    if (!inputs) return refusal(served_of(inputs.error()), inputs.error().message);
    if (request->timeout_us && at > job.arrived + std::chrono::microseconds(request->timeout_us))
      return refusal(Served::late, "the request's timeout was over before it was its turn");
    std::vector<std::size_t> wanted;
    for (const OipWanted& w : request->outputs) {
      const auto& infos = session.outputs();
      const auto found =
          std::find_if(infos.begin(), infos.end(), [&](const TensorInfo& i) { return i.name == w.name; });
      if (found == infos.end())
        return refusal(Served::bad_request, "the model has no output '" + w.name.substr(0, 80) + "'");
      wanted.push_back(static_cast<std::size_t>(found - infos.begin()));
    }
    const bool all = wanted.empty();
    if (all)
      for (std::size_t k = 0; k < session.outputs().size(); ++k) wanted.push_back(k);
    Result<std::vector<Tensor>> outputs = session.run(*inputs);
    spent.run = lap();
    if (!outputs) return refusal(Served::failed, outputs.error().message);
    std::vector<OipOutput> told;
    for (std::size_t k = 0; k < wanted.size(); ++k)
      told.push_back({.name = session.outputs()[wanted[k]].name,
                      .tensor = &(*outputs)[wanted[k]],
                      .binary = all ? request->binary_outputs : request->outputs[k].binary});
    OipResponse response = oip_response(s.name, s.version, request->id, told, {});
    spent.answer = lap();
    return Reply{.body = std::move(response.body),
                 .content_type = response.json_bytes ? "application/octet-stream" : "application/json",
                 .json_bytes = response.json_bytes};
  }

  static Reply predict(const Job& job, Spent& spent) {
    const Model& model = *job.serving->model;
    Clock::time_point at = Clock::now();
    const auto lap = [&] {
      const Clock::time_point before = std::exchange(at, Clock::now());
      return seconds(at - before);
    };
    Result<Preprocessed> made = preprocess(*job.body, model.spec());
    spent.decode = lap();
    if (!made) return refusal(served_of(made.error()), made.error().message);
    Result<std::vector<Tensor>> outputs = model.run(made->tensor);
    spent.run = lap();
    if (!outputs) return refusal(Served::failed, outputs.error().message);
    Result<ModelAnswer> answer = model.answer_of(*outputs, 0, made->placement);
    if (!answer) return refusal(Served::failed, answer.error().message);
    Reply reply{.body = answer_json(*job.serving, *answer, made->placement)};
    spent.answer = lap();
    return reply;
  }

  const ServiceOptions options;
  mutable std::mutex mutex;
  std::condition_variable wake, idle;
  std::deque<Job> jobs;
  std::uint64_t waiting_bytes = 0;
  std::size_t running = 0;
  double expected = 0;  // seconds a request, lately
  std::uint64_t reloads = 0, failed_reloads = 0;
  bool retiring = false, draining = false, ending = false;
  std::map<std::string, std::shared_ptr<const Serving>, std::less<>> models;
  Figures figures;
  std::vector<std::thread> workers;  // last: they use all of the above
};

Service::Service(const ServiceOptions& options) : state_(std::make_unique<State>(options)) {}
Service::~Service() = default;

void Service::serve(Serving serving) {
  auto made = std::make_shared<const Serving>(std::move(serving));
  std::shared_ptr<const Serving> old;  // let go outside the lock: a session may be slow to end
  const std::lock_guard lock(state_->mutex);
  old = std::exchange(state_->models[made->name], made);
}

bool Service::withdraw(std::string_view name) {
  std::shared_ptr<const Serving> old;
  const std::lock_guard lock(state_->mutex);
  const auto at = state_->models.find(name);
  if (at == state_->models.end()) return false;
  old = std::move(at->second);
  state_->models.erase(at);
  return true;
}

std::vector<Serving> Service::models() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<Serving> all;
  for (const auto& [name, serving] : state_->models) all.push_back(*serving);
  return all;
}

std::shared_ptr<const Serving> Service::find(std::string_view name, std::string_view version) const {
  const std::lock_guard lock(state_->mutex);
  const auto at = state_->models.find(name);
  if (at == state_->models.end() || (!version.empty() && at->second->version != version)) return nullptr;
  return at->second;
}

void Service::infer(std::string_view model, std::string_view version, std::shared_ptr<const std::string> body,
                    std::optional<std::uint64_t> json_bytes, Waiter waiter) {
  std::shared_ptr<const Serving> serving = find(model, version);
  if (!serving) return waiter.done(refusal(Served::not_found, unknown_model(model, version)));
  state_->admit({.serving = std::move(serving),
                 .body = std::move(body),
                 .json_bytes = json_bytes,
                 .arrived = Clock::now(),
                 .waiter = std::move(waiter)});
}

void Service::refused(std::string_view model, unsigned http_status) {
  // Names that no model has are not counted: clients would decide how many figures there are.
  if (const std::shared_ptr<const Serving> s = find(model))
    state_->figures.count(s->name, s->version, static_cast<int>(http_status), nullptr);
}

void Service::reloaded(bool well) {
  const std::lock_guard lock(state_->mutex);
  ++(well ? state_->reloads : state_->failed_reloads);
}

void Service::predict(std::string_view model, std::shared_ptr<const std::string> image, Waiter waiter) {
  std::shared_ptr<const Serving> serving = find(model);
  if (!serving) return waiter.done(refusal(Served::not_found, unknown_model(model, {})));
  if (!serving->model)
    return waiter.done(refusal(Served::bad_request, "the model '" + serving->name +
                                                        "' has no contract for pictures; send tensors to v2/models/" +
                                                        serving->name + "/infer, or write a model.yaml"));
  state_->admit({.serving = std::move(serving),
                 .body = std::move(image),
                 .json_bytes = {},
                 .picture = true,
                 .arrived = Clock::now(),
                 .waiter = std::move(waiter)});
}

const OipLimits& Service::limits() const { return state_->options.limits; }

bool Service::live() const { return true; }

bool Service::ready() const {
  const std::lock_guard lock(state_->mutex);
  return !state_->retiring && !state_->draining && !state_->models.empty();
}

void Service::retire() {
  const std::lock_guard lock(state_->mutex);
  state_->retiring = true;
}

bool Service::drain(std::chrono::milliseconds most) {
  std::unique_lock lock(state_->mutex);
  state_->draining = true;
  if (state_->idle.wait_for(lock, most, [&] { return state_->running == 0 && state_->jobs.empty(); })) return true;
  lock.unlock();
  state_->dismiss();
  return false;
}

std::string Service::metrics() const {
  std::string gauges;
  const auto gauge = [&](std::string_view name, std::string_view help, std::string_view labels, std::uint64_t value) {
    const std::string head = "# TYPE " + std::string(name) + " gauge\n";
    if (gauges.find(head) == std::string::npos)
      gauges += "# HELP " + std::string(name) + " " + std::string(help) + "\n" + head;
    gauges += std::string(name) + std::string(labels) + " " + std::to_string(value) + "\n";
  };
  {
    const std::lock_guard lock(state_->mutex);
    gauge("vetset_queue_depth", "Requests that wait.", "", state_->jobs.size());
    gauge("vetset_queue_bytes", "Bytes of requests that wait.", "", state_->waiting_bytes);
    gauge("vetset_inflight", "Requests that are executed.", "", state_->running);
    gauge("vetset_reloads", "Models that were loaded anew, by how it went.", "{result=\"ok\"}", state_->reloads);
    gauge("vetset_reloads", "", "{result=\"failed\"}", state_->failed_reloads);
    gauge("vetset_ready", "Whether it says that it is ready.", "",
          !state_->retiring && !state_->draining && !state_->models.empty());
    for (const auto& [name, s] : state_->models) {
      std::string labels = "{model=";
      append_json_string(labels, name);
      labels += ",model_digest=\"sha256:" + s->sha256 + "\",prepost_digest=\"" +
                (s->model ? s->model->spec_digest() : std::string()) + "\",dataset_digest=\"" +
                (s->model ? s->model->spec().dataset_id : std::string()) + "\",ort=\"" + s->runtime->version() +
                "\",ep=\"" + s->session->providers().front() + "\"}";
      gauge("vetset_model_info", "Models that are served.", labels, 1);
    }
  }
  return state_->figures.prometheus(gauges);
}

std::string Service::statistics(std::string_view model, std::string_view version) const {
  const Figures::Key one(model, version);
  return state_->figures.statistics(std::span(&one, 1));
}

std::string Service::statistics() const {
  std::vector<Figures::Key> all;
  for (const Serving& s : models()) all.emplace_back(s.name, s.version);
  return state_->figures.statistics(all);
}

}  // namespace vetset
