#include "vetset/vetset_infer.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/publish.h"
#include "vetset/image/probe.h"
#include "vetset/infer/results.h"
#include "vetset/vetset_files.h"
#include "vetset/vetset_model.h"

namespace vetset {
namespace {

bool is_file(const std::string& path) {
  struct stat seen{};
  return ::stat(path.c_str(), &seen) == 0 && S_ISREG(seen.st_mode);
}

Result<ModelSpec> spec_in(const std::string& file) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(file));
  VETSET_TRY(const Bytes bytes, tree->read(base_name(file)));
  return parse_model_spec(bytes.text(), file);
}

/// What the model's own file says, where nothing that is needed is missing.
Result<ModelSpec> spec_from_itself(const ModelChoice& choice, std::vector<std::string>& notes) {
  VETSET_TRY(ModelSpecReport report, spec_of_model(choice.model, {.preset = choice.preset}));
  for (const ContractGap& gap : report.built.gaps) {
    if (gap.needed) return Error{Code::refused, "has no contract, and " + gap.what + "; " + gap.cure, choice.model};
    notes.push_back(gap.what + "; " + gap.cure);
  }
  notes.insert(notes.begin(), "no contract lies beside " + choice.model + ": run as " + report.built.preset +
                                  "; 'vetset model spec' writes one down");
  return std::move(report.built.spec);
}

Result<ModelSpec> spec_of(const ModelChoice& choice, std::vector<std::string>& notes) {
  if (!choice.spec.empty() && !choice.preset.empty())
    return Error{Code::usage, "a contract and a preset were named; expected one of them"};
  if (!choice.spec.empty()) return spec_in(choice.spec);
  if (choice.preset.empty())
    for (const std::string& name : {std::string(stem_of(choice.model)) + ".yaml", std::string("model.yaml")})
      if (const std::string file = join_path(folder_of(choice.model), name); is_file(file)) return spec_in(file);
  return spec_from_itself(choice, notes);
}

}  // namespace

Result<OpenedModel> open_model(const ModelChoice& choice) {
  OpenedModel opened;
  VETSET_TRY(ModelSpec spec, spec_of(choice, opened.notes));
  VETSET_TRY(opened.model, Model::open(choice.model, std::move(spec), choice.runtime, choice.session));
  return opened;
}

Result<Source> open_images(const std::string& path, const OpenOptions& options) {
  Result<Source> source = open(path, options);
  if (source || !options.from.empty() || source.error().code == Code::cancelled || is_file(path)) return source;
  Source images;
  VETSET_TRY(images.tree, open_tree(path, {.limits = options.common.limits}));
  for (const std::string_view p : images.tree->list()) {
    if (!has_image_extension(p)) continue;
    Image i;
    i.path = i.media = images.dataset.add_text(p);
    images.dataset.images.push_back(i);
  }
  if (images.dataset.images.empty()) return source;
  images.notes.push_back("no labels were found; the images of " + path + " are taken as they are");
  return images;
}

Result<InferReport> infer(const Source& source, const Model& model, const InferRequest& request) {
  return infer(source.dataset, source.media(), model,
               {.shard = request.shard,
                .shards = request.shards,
                .batch = request.batch,
                .journal = request.journal,
                .pool = Pool(request.common.threads),
                .progress = request.common.progress});
}

std::string inference_record(const Source& source, const Model& model, const InferRequest& request,
                             const InferReport& report) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("type").value("vetset/inference").key("version").value(1);
  w.key("program").value("vetset " + std::string(version()));
  w.key("model").begin_object().key("file").value(base_name(model.file())).key("sha256").value(model.sha256());
  w.key("name").value(model.spec().name).key("spec").value(model.spec_digest());
  w.key("dataset_id").value(model.spec().dataset_id).end_object();
  w.key("runtime").begin_object().key("name").value(model.runtime().name());
  w.key("version").value(model.runtime().version()).key("providers").begin_array();
  for (const std::string& p : model.session().providers()) w.value(p);
  w.end_array().key("batch").value(request.batch).end_object();
  w.key("data").begin_object().key("name").value(base_name(source.tree->name()));
  w.key("format").value(source.format ? source.format->id : std::string_view("images"));
  w.key("images").value(std::uint64_t{source.dataset.images.size()});
  w.key("shard").value(request.shard).key("shards").value(request.shards);
  w.key("digest").value(report.images_digest).end_object();
  w.key("images").value(report.images).key("found").value(report.found);
  w.key("problems").value(report.problems).key("first_problems").begin_array();
  for (const std::string& p : report.first_problems) w.value(p);
  w.end_array().end_object();
  return pretty_json(out) + "\n";
}

Result<InferredFiles> write_inferred(const Source& source, const Model& model, const InferRequest& request,
                                     const InferReport& report, const std::string& target, bool overwrite) {
  InferredFiles written;
  VETSET_TRY(Staging staging, Staging::make(target, {.replace = overwrite}));
  if (model.spec().task == ModelTask::embed) {
    VETSET_DO(write_embeddings(source.dataset, request.journal, staging.writer()));
    written.files = {"embeddings.npy", "embeddings.txt"};
  } else {
    VETSET_DO(write_results(source.dataset, model.spec(), request.journal, staging.writer(), "results.json"));
    written.files = {"results.json"};
  }
  written.record = target + ".inference.json";
  VETSET_TRY(PendingFile record, PendingFile::write(written.record, inference_record(source, model, request, report)));
  VETSET_DO(staging.flush());
  VETSET_DO(record.publish());
  VETSET_DO(staging.publish());
  ::unlink(request.journal.c_str());
  return written;
}

}  // namespace vetset
