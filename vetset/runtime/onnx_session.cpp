// A model loaded into ONNX Runtime: opened after its file was looked at, run from any thread, with buffers of the
// runtime's own or with ours, bound once.
#include <algorithm>
#include <mutex>
#include <utility>

#include "vetset/runtime/onnx_file.h"
#include "vetset/runtime/onnx_runtime.h"

namespace vetset::ort {
namespace {

/// What of a tensor a binding depends on.
struct BoundTo {
  const std::byte* data = nullptr;
  ElementType type = ElementType::undefined;
  std::vector<std::int64_t> shape;
};

bool same_buffer(const BoundTo& bound, const Tensor& t) {
  return bound.data == t.bytes().data() && bound.type == t.type() && bound.shape == t.shape();
}

/// Buffers bound to a model's inputs and outputs, with the values that view them.
struct Buffers {
  Held<Binding> binding;
  std::vector<BoundTo> to;          // inputs, then outputs
  std::vector<Held<Value>> values;  // the same
};

bool bound(const Buffers& buffers, std::span<const Tensor> inputs, std::span<const Tensor> outputs) {
  if (buffers.to.size() != inputs.size() + outputs.size()) return false;
  for (std::size_t i = 0; i < buffers.to.size(); ++i)
    if (!same_buffer(buffers.to[i], i < inputs.size() ? inputs[i] : outputs[i - inputs.size()])) return false;
  return true;
}

class OnnxSession final : public Session, public std::enable_shared_from_this<OnnxSession> {
 public:
  OnnxSession(const Engine& engine, OrtSession* session, std::vector<std::string> providers,
              std::vector<std::string> notes)
      : engine_(engine),
        session_(held(session, engine.api().ReleaseSession)),
        providers_(std::move(providers)),
        notes_(std::move(notes)) {}

  Result<void> learn(const OnnxFile& declared);

  const std::vector<TensorInfo>& inputs() const override { return inputs_; }
  const std::vector<TensorInfo>& outputs() const override { return outputs_; }
  const std::vector<std::string>& providers() const override { return providers_; }
  const std::vector<std::string>& notes() const override { return notes_; }
  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs) const override;
  Result<void> run_into(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

 private:
  Result<TensorInfo> info_of(std::size_t index, bool output, const std::vector<OnnxValue>& declared) const;
  Result<Held<Value>> value_of(const Tensor& tensor) const;
  Result<Tensor> taken(Held<Value> value, const TensorInfo& info) const;
  Result<void> bind(Buffers& buffers, std::span<const Tensor> inputs, std::span<Tensor> outputs) const;
  std::unique_ptr<Buffers> free_buffers(std::span<const Tensor> inputs, std::span<Tensor> outputs) const;
  void providers_in_use();

  const Engine& engine_;
  Held<OrtSession> session_;
  std::vector<TensorInfo> inputs_, outputs_;
  std::vector<const char*> input_names_, output_names_;
  std::vector<std::string> providers_, notes_;
  mutable std::mutex mutex_;  // of `free_`
  mutable std::vector<std::unique_ptr<Buffers>> free_;
};

/// "float32 1x3x640x640"
std::string told(const TensorInfo& info) { return to_string(info.type) + " " + to_string(info); }
std::string told(const Tensor& t) { return to_string(t.type()) + " " + shape_text(t.shape()); }

Result<void> fits(const TensorInfo& info, const Tensor& t, const char* what) {
  const std::int64_t elements = elements_of(t.shape());
  bool good = t.type() == info.type && elements >= 0;
  if (info.has_shape) {
    good = good && t.shape().size() == info.shape.size();
    for (std::size_t i = 0; good && i < info.shape.size(); ++i)
      good = info.shape[i] < 0 || info.shape[i] == t.shape()[i];
  }
  if (!good)
    return Error{Code::usage,
                 std::string(what) + " '" + info.name + "': expected " + told(info) + ", found " + told(t)};
  if (t.bytes().size() != static_cast<std::size_t>(elements) * bytes_of(t.type()))
    return Error{Code::usage, std::string(what) + " '" + info.name + "': expected " +
                                  std::to_string(static_cast<std::size_t>(elements) * bytes_of(t.type())) +
                                  " bytes for " + told(t) + ", found " + std::to_string(t.bytes().size())};
  return {};
}

Result<void> fit(const std::vector<TensorInfo>& infos, std::span<const Tensor> tensors, const char* what) {
  if (tensors.size() != infos.size())
    return Error{Code::usage, "expected " + std::to_string(infos.size()) + " " + what + (infos.size() == 1 ? "" : "s") +
                                  ", found " + std::to_string(tensors.size())};
  for (std::size_t i = 0; i < infos.size(); ++i) VETSET_DO(fits(infos[i], tensors[i], what));
  return {};
}

Result<TensorInfo> OnnxSession::info_of(std::size_t index, bool output, const std::vector<OnnxValue>& declared) const {
  const Api& api = engine_.api();
  const std::string what = output ? "output" : "input";
  Allocator* allocator = nullptr;
  VETSET_DO(outcome(api, api.GetAllocatorWithDefaultOptions(&allocator), what));
  char* name = nullptr;
  VETSET_DO(outcome(api,
                    output ? api.SessionGetOutputName(session_.get(), index, allocator, &name)
                           : api.SessionGetInputName(session_.get(), index, allocator, &name),
                    what));
  TensorInfo info{.name = name};
  VETSET_DO(outcome(api, api.AllocatorFree(allocator, name), what));
  const std::string called = what + " '" + info.name + "'";
  TypeInfo* type = nullptr;
  VETSET_DO(outcome(api,
                    output ? api.SessionGetOutputTypeInfo(session_.get(), index, &type)
                           : api.SessionGetInputTypeInfo(session_.get(), index, &type),
                    called));
  const auto held_type = held(type, api.ReleaseTypeInfo);
  int kind = 0;
  VETSET_DO(outcome(api, api.GetOnnxTypeFromTypeInfo(type, &kind), called));
  if (kind != type_tensor)
    return Error{Code::unsupported, called +
                                        " is a sequence, a map or an optional value, expected a tensor; an export "
                                        "of scikit-learn gives tensors with zipmap=False"};
  const ShapeInfo* shape = nullptr;
  VETSET_DO(outcome(api, api.CastTypeInfoToTensorInfo(type, &shape), called));
  int element = 0;
  std::size_t axes = 0;
  VETSET_DO(outcome(api, api.GetTensorElementType(shape, &element), called));
  VETSET_DO(outcome(api, api.GetDimensionsCount(shape, &axes), called));
  info.type = static_cast<ElementType>(element);
  if (info.type == ElementType::string)
    return Error{Code::unsupported, called + " is of strings, which vetset does not pass to a model; expected numbers"};
  if (bytes_of(info.type) == 0)
    return Error{Code::unsupported,
                 called + " is of " + onnx_type_name(element) + ", which vetset does not pass to a model"};
  info.shape.resize(axes);
  std::vector<const char*> names(axes, nullptr);
  VETSET_DO(outcome(api, api.GetDimensions(shape, info.shape.data(), axes), called));
  VETSET_DO(outcome(api, api.GetSymbolicDimensions(shape, names.data(), axes), called));
  for (const char* axis : names) info.axes.push_back(axis == nullptr ? "" : axis);
  // The runtime gives no axes both for a scalar and for a value of any shape; the file tells them apart.
  if (axes == 0)
    for (const OnnxValue& value : declared)
      if (value.name == info.name) info.has_shape = value.has_shape;
  return info;
}

Result<void> OnnxSession::learn(const OnnxFile& declared) {
  const Api& api = engine_.api();
  std::size_t inputs = 0, outputs = 0;
  VETSET_DO(outcome(api, api.SessionGetInputCount(session_.get(), &inputs), "inputs"));
  VETSET_DO(outcome(api, api.SessionGetOutputCount(session_.get(), &outputs), "outputs"));
  for (std::size_t i = 0; i < inputs; ++i) {
    VETSET_TRY(TensorInfo info, info_of(i, false, declared.inputs));
    inputs_.push_back(std::move(info));
  }
  for (std::size_t i = 0; i < outputs; ++i) {
    VETSET_TRY(TensorInfo info, info_of(i, true, declared.outputs));
    outputs_.push_back(std::move(info));
  }
  for (const TensorInfo& info : inputs_) input_names_.push_back(info.name.c_str());
  for (const TensorInfo& info : outputs_) output_names_.push_back(info.name.c_str());
  providers_in_use();
  return {};
}

/// Leaves those providers that run a node, where the runtime tells.
void OnnxSession::providers_in_use() {
  const Api& api = engine_.api();
  const AssignedSubgraph* const* parts = nullptr;
  std::size_t count = 0;
  if (api.Session_GetEpGraphAssignmentInfo == nullptr ||
      !outcome(api, api.Session_GetEpGraphAssignmentInfo(session_.get(), &parts, &count), "providers") || count == 0)
    return;
  std::vector<std::string> used;
  for (std::size_t i = 0; i < count; ++i) {
    const char* name = nullptr;
    if (!outcome(api, api.EpAssignedSubgraph_GetEpName(parts[i], &name), "providers") || name == nullptr) return;
    if (std::string ours = provider_name(name); std::find(used.begin(), used.end(), ours) == used.end())
      used.push_back(std::move(ours));
  }
  const auto rank = [&](const std::string& name) {
    return std::find(providers_.begin(), providers_.end(), name) - providers_.begin();
  };
  std::sort(used.begin(), used.end(),
            [&](const auto& a, const auto& b) { return rank(a) != rank(b) ? rank(a) < rank(b) : a < b; });
  providers_ = std::move(used);
}

Result<Held<Value>> OnnxSession::value_of(const Tensor& t) const {
  const Api& api = engine_.api();
  Value* value = nullptr;
  static std::byte nothing[64] = {};  // where a tensor has no elements
  void* const data = t.bytes().empty() ? nothing : const_cast<std::byte*>(t.bytes().data());
  VETSET_DO(outcome(api,
                    api.CreateTensorWithDataAsOrtValue(engine_.cpu_memory, data, t.bytes().size(), t.shape().data(),
                                                       t.shape().size(), static_cast<int>(t.type()), &value),
                    "tensor"));
  return held(value, api.ReleaseValue);
}

/// An output of the runtime's own as a tensor that keeps it, and this session, alive.
Result<Tensor> OnnxSession::taken(Held<Value> value, const TensorInfo& info) const {
  const Api& api = engine_.api();
  const std::string called = "output '" + info.name + "'";
  if (!value) return Error{Code::malformed, called + ": the model gave nothing"};
  ShapeInfo* shape = nullptr;
  VETSET_DO(outcome(api, api.GetTensorTypeAndShape(value.get(), &shape), called));
  const auto held_shape = held(shape, api.ReleaseTensorTypeAndShapeInfo);
  std::size_t axes = 0;
  int element = 0;
  void* data = nullptr;
  VETSET_DO(outcome(api, api.GetDimensionsCount(shape, &axes), called));
  std::vector<std::int64_t> lengths(axes);
  VETSET_DO(outcome(api, api.GetDimensions(shape, lengths.data(), axes), called));
  VETSET_DO(outcome(api, api.GetTensorElementType(shape, &element), called));
  VETSET_DO(outcome(api, api.GetTensorMutableData(value.get(), &data), called));
  const auto type = static_cast<ElementType>(element);
  const std::int64_t elements = elements_of(lengths);
  VETSET_ASSERT(elements >= 0 && bytes_of(type) > 0, "the runtime gives tensors of numbers with a shape");
  struct Kept {
    std::shared_ptr<const OnnxSession> session;  // goes last
    Held<Value> value;
  };
  Tensor t = Tensor::view(type, std::move(lengths),
                          {static_cast<std::byte*>(data), static_cast<std::size_t>(elements) * bytes_of(type)});
  t.keep(std::make_shared<const Kept>(Kept{shared_from_this(), std::move(value)}));
  return t;
}

Result<std::vector<Tensor>> OnnxSession::run(std::span<const Tensor> inputs) const {
  VETSET_DO(fit(inputs_, inputs, "input"));
  const Api& api = engine_.api();
  std::vector<Held<Value>> owned;
  std::vector<const Value*> given;
  owned.reserve(inputs.size());
  given.reserve(inputs.size());
  for (const Tensor& t : inputs) {
    VETSET_TRY(Held<Value> value, value_of(t));
    given.push_back(value.get());
    owned.push_back(std::move(value));
  }
  std::vector<Value*> results(outputs_.size(), nullptr);
  const auto ran = outcome(api,
                           api.Run(session_.get(), nullptr, input_names_.data(), given.data(), given.size(),
                                   output_names_.data(), output_names_.size(), results.data()),
                           "the model failed");
  std::vector<Held<Value>> gotten;
  for (Value* value : results) gotten.push_back(held(value, api.ReleaseValue));
  if (!ran) return ran.error();
  std::vector<Tensor> tensors;
  tensors.reserve(results.size());
  for (std::size_t i = 0; i < gotten.size(); ++i) {
    VETSET_TRY(Tensor t, taken(std::move(gotten[i]), outputs_[i]));
    tensors.push_back(std::move(t));
  }
  return tensors;
}

/// Buffers that nobody uses, best those that are bound to these tensors already; null: new ones are to be made.
std::unique_ptr<Buffers> OnnxSession::free_buffers(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const std::lock_guard lock(mutex_);
  auto chosen = std::find_if(free_.rbegin(), free_.rend(), [&](const auto& b) { return bound(*b, inputs, outputs); });
  constexpr std::size_t kept = 16;  // more sets of buffers than that, and the oldest is bound anew
  if (chosen == free_.rend() && free_.size() < kept) return nullptr;
  const auto at = chosen == free_.rend() ? free_.begin() : std::next(chosen).base();
  std::unique_ptr<Buffers> found = std::move(*at);
  free_.erase(at);
  return found;
}

Result<void> OnnxSession::bind(Buffers& buffers, std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Api& api = engine_.api();
  api.ClearBoundInputs(buffers.binding.get());
  api.ClearBoundOutputs(buffers.binding.get());
  buffers.to.clear();
  buffers.values.clear();
  const auto take = [&](const Tensor& t, const char* name, bool output) -> Result<void> {
    VETSET_TRY(Held<Value> value, value_of(t));
    VETSET_DO(outcome(api,
                      output ? api.BindOutput(buffers.binding.get(), name, value.get())
                             : api.BindInput(buffers.binding.get(), name, value.get()),
                      name));
    buffers.to.push_back({t.bytes().data(), t.type(), t.shape()});
    buffers.values.push_back(std::move(value));
    return {};
  };
  for (std::size_t i = 0; i < inputs.size(); ++i) VETSET_DO(take(inputs[i], input_names_[i], false));
  for (std::size_t i = 0; i < outputs.size(); ++i) VETSET_DO(take(outputs[i], output_names_[i], true));
  return {};
}

Result<void> OnnxSession::run_into(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Api& api = engine_.api();
  std::unique_ptr<Buffers> buffers = free_buffers(inputs, outputs);
  if (!buffers || !bound(*buffers, inputs, outputs)) {
    VETSET_DO(fit(inputs_, inputs, "input"));
    VETSET_DO(fit(outputs_, outputs, "output"));
    if (!buffers) {
      Binding* binding = nullptr;
      VETSET_DO(outcome(api, api.CreateIoBinding(session_.get(), &binding), "buffers"));
      buffers = std::make_unique<Buffers>(Buffers{held(binding, api.ReleaseIoBinding), {}, {}});
    }
    VETSET_DO(bind(*buffers, inputs, outputs));
  }
  VETSET_DO(outcome(api, api.RunWithBinding(session_.get(), nullptr, buffers->binding.get()), "the model failed"));
  VETSET_DO(outcome(api, api.SynchronizeBoundOutputs(buffers->binding.get()), "the model failed"));
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(buffers));
  return {};
}

/// The file as it describes itself, refused where the runtime would read outside its folder or past an end.
Result<OnnxFile> looked_at(const std::string& file, std::string_view bytes) {
  if (!file.empty()) {
    VETSET_TRY(OnnxFile model, read_onnx_file(file));
    for (const OnnxExternal& external : model.external)
      if (!external.problem.empty())
        return Error{Code::refused, "the file of weights '" + external.path + "' " + external.problem, file};
    return model;
  }
  VETSET_TRY(OnnxFile model, read_onnx(bytes));
  if (!model.external.empty())
    return Error{Code::unsupported, "the model keeps weights in '" + model.external.front().path +
                                        "' beside its file, so it must be opened as a file, not from memory"};
  return model;
}

}  // namespace

Result<std::shared_ptr<const Session>> open_session(const Engine& engine, const std::string& file,
                                                    std::string_view bytes, const SessionOptions& asked) {
  const Api& api = engine.api();
  VETSET_TRY(const OnnxFile declared, looked_at(file, bytes));
  VETSET_TRY(const auto tries, choices(engine, asked));
  std::vector<std::string> notes;
  for (const std::vector<std::string>& choice : tries) {
    const bool last = &choice == &tries.back();
    const Notes::Here here(notes);
    auto options = made_options(engine, asked, choice);
    if (!options) {
      if (last) return std::move(options).error();
      notes.push_back(options.error().message);
      continue;
    }
    OrtSession* session = nullptr;
    auto made = outcome(api,
                        file.empty() ? api.CreateSessionFromArray(engine.env, bytes.data(), bytes.size(),
                                                                  options->options.get(), &session)
                                     : api.CreateSession(engine.env, file.c_str(), options->options.get(), &session),
                        engine.name() + " does not take the model");
    if (!made) {
      if (last) return std::move(made).error().in(file);
      notes.push_back(made.error().message);
      continue;
    }
    auto opened = std::make_shared<OnnxSession>(engine, session, std::move(options->providers), std::move(notes));
    if (auto learned = opened->learn(declared); !learned) return std::move(learned).error().in(file);
    return std::shared_ptr<const Session>(std::move(opened));
  }
  return Error{Code::unsupported, "no provider was left", file};
}

}  // namespace vetset::ort
