#include "vetset/vetset_parity.h"

#include <algorithm>
#include <map>

#include "vetset/base/json.h"
#include "vetset/image/probe.h"

namespace vetset {
namespace {

ParityNetwork network_of(const Model& model) {
  ParityNetwork network;
  if (const Result<std::vector<std::size_t>> needed = head_outputs(model.spec(), model.session().outputs()))
    for (const std::size_t o : *needed) network.names.push_back(model.session().outputs()[o].name);
  network.run = [&model](const Tensor& input) { return model.run(input); };
  return network;
}

void write_stage(JsonWriter& w, ParityStage stage, const ParityTally& t) {
  w.begin_object().key("stage").value(name(stage)).key("equal").value(t.equal).key("near").value(t.near);
  w.key("other").value(t.other).key("not_recorded").value(t.not_recorded).key("most").value(t.most);
  w.key("first");
  if (!t.first) {
    w.raw("null").end_object();
    return;
  }
  w.begin_object().key("image").value(t.first->image).key("place").value(t.first->place);
  w.key("what").value(t.first->what).key("here").value(t.first->here).key("there").value(t.first->there);
  w.end_object().end_object();
}

/// What of an image decoders and resizers trip over.
std::vector<std::string> traits_of(const Facts& f) {
  std::vector<std::string> traits{std::string(name(f.type))};
  if (f.orientation > 1) traits.push_back("exif " + std::to_string(f.orientation));
  if (f.status != Facts::Status::ok) traits.emplace_back("cut off");
  if (f.channels == 1) traits.emplace_back("grey");
  if (f.channels == 2 || (f.channels == 4 && f.type != ImageType::jpeg)) traits.emplace_back("transparent");
  if (f.channels == 4 && f.type == ImageType::jpeg) traits.emplace_back("cmyk");
  if (f.bits == 16) traits.emplace_back("16 bits");
  if (f.bits > 0 && f.bits < 8) traits.emplace_back("palette or few bits");
  if (f.width % 2 || f.height % 2) traits.emplace_back("odd size");
  const std::uint32_t longer = std::max(f.width, f.height), shorter = std::min(f.width, f.height);
  if (shorter > 0 && longer / shorter >= 4) traits.emplace_back(f.width > f.height ? "wide" : "tall");
  if (shorter == 1) traits.emplace_back("one pixel");
  if (longer < 320) traits.emplace_back("small");
  if (longer > 2048) traits.emplace_back("large");
  return traits;
}

}  // namespace

Result<ParityOutcome> parity(const ParityRequest& request) {
  ParityOutcome outcome;
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_tree(request.record, {.limits = request.common.limits}));
  VETSET_TRY(const ParityRecord record, read_parity_record(*tree));
  VETSET_TRY(const Bytes bytes, tree->read("record.json"));
  outcome.record = sha256(bytes).text();
  outcome.made_with = record.made_with;
  VETSET_TRY(OpenedModel opened, open_model(request.model));
  outcome.model = std::move(opened.model);
  outcome.notes = std::move(opened.notes);
  VETSET_TRY(outcome.report, parity(*tree, record, outcome.model->spec(), network_of(*outcome.model), request.limits,
                                    request.common.progress));
  return outcome;
}

std::string to_json(const ParityOutcome& o) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("type").value("vetset/parity").key("version").value(1);
  w.key("program").value("vetset " + std::string(version()));
  w.key("same").value(!o.report.broken.has_value()).key("broken");
  if (o.report.broken)
    w.value(name(*o.report.broken));
  else
    w.raw("null");
  w.key("model").begin_object().key("file").value(base_name(o.model->file())).key("sha256").value(o.model->sha256());
  w.key("spec").value(o.model->spec_digest()).end_object();
  w.key("runtime").begin_object().key("name").value(o.model->runtime().name());
  w.key("version").value(o.model->runtime().version()).key("providers").begin_array();
  for (const std::string& p : o.model->session().providers()) w.value(p);
  w.end_array().end_object();
  w.key("record").begin_object().key("digest").value(o.record).key("images").value(o.report.images);
  w.key("made_with").begin_object();
  for (const auto& [library, its_version] : o.made_with) w.key(library).value(its_version);
  w.end_object().end_object();
  w.key("stages").begin_array();
  for (std::size_t s = 0; s < parity_stages; ++s) write_stage(w, static_cast<ParityStage>(s), o.report.stages[s]);
  w.end_array().end_object();
  return pretty_json(out) + "\n";
}

Result<std::vector<GoldenImage>> golden_set(const std::string& path, std::size_t most, const Common& common) {
  VETSET_TRY(const Source source, open_images(path, {.common = common}));
  const Dataset& d = source.dataset;
  struct Seen {
    std::string path;
    std::vector<std::string> traits;
  };
  std::vector<Seen> all;
  std::map<std::string, std::size_t> having;
  for (const Image& i : d.images) {
    if (i.media.size == 0) continue;
    const std::string on_disk = source.media().disk_path(d.text(i.media));
    if (on_disk.empty()) continue;
    const Facts facts = probe_image(source.media(), d.text(i.media));
    if (facts.status != Facts::Status::ok && facts.status != Facts::Status::truncated) continue;
    all.push_back({on_disk, traits_of(facts)});
    for (const std::string& t : all.back().traits) ++having[t];
  }
  if (all.empty()) return Error{Code::not_found, "has no images on the disk", path};
  std::vector<std::pair<std::size_t, std::string>> rarest;
  for (const auto& [trait, count] : having) rarest.emplace_back(count, trait);
  std::sort(rarest.begin(), rarest.end());
  std::vector<std::size_t> chosen;
  const auto take = [&](std::size_t i) {
    if (chosen.size() < most && std::find(chosen.begin(), chosen.end(), i) == chosen.end()) chosen.push_back(i);
  };
  for (const auto& [count, trait] : rarest)
    for (std::size_t i = 0, taken = 0; i < all.size() && taken < 2; ++i)  // two of each: one may be odd in other ways
      if (std::find(all[i].traits.begin(), all[i].traits.end(), trait) != all[i].traits.end()) take(i), ++taken;
  for (std::size_t k = 0; k < most; ++k) take(k * all.size() / most);
  std::sort(chosen.begin(), chosen.end());
  std::vector<GoldenImage> golden;
  for (const std::size_t i : chosen) golden.push_back({all[i].path, all[i].traits});
  return golden;
}

}  // namespace vetset
