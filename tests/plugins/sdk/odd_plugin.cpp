// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// A library for tests: one function for each corner of the SDK.
#include "plugins/sdk/orrery.h"

using namespace orrery::plugin;

namespace {

struct Everything {
    bool flag = true;
    std::int32_t small = 3;
    std::int64_t large = 1;
    double share = 0.5;
    std::string mode = "fast";
    std::vector<std::string> names = {"a"};
    Json free = Json::object();
    std::string must;
    static void fields(Fields<Everything>& f)
    {
        f("flag", &Everything::flag, "A switch");
        f("small", &Everything::small, "Fits 32 bits").range(-5, 5);
        f("large", &Everything::large, "Any whole number");
        f("share", &Everything::share, "A part").range(0, 1).unit("%").step(0.1);
        f("mode", &Everything::mode, "How").choices({"fast", "exact"}).label("Mode of work");
        f("names", &Everything::names, "Some names");
        f("free", &Everything::free, "Whatever");
        f("must", &Everything::must, "Has no default").required();
    }
};

std::string describe(const Everything& p)
{
    Json out = {{"flag", p.flag}, {"small", p.small}, {"large", p.large}, {"share", p.share}, {"mode", p.mode}, {"names", p.names}, {"free", p.free}, {"must", p.must}};
    return out.dump();
}

std::string kinds(bool a, std::int64_t b, double c, std::string_view d, BytesView e, const Json& f, TensorView<float> g, TableView h, ImageView i, AnyView j, List<std::int64_t> k,
                  std::optional<double> l)
{
    return text(int{a}, " ", b, " ", c, " ", d, " ", e.size(), " ", f.dump(), " ", g.elements(), " ", h.rows(), " ", i.width(), " ", typeName(j.type()), " ", k.size(), " ", l ? "some" : "none");
}

std::tuple<double, std::vector<std::string>, Table> several() { return {1.5, {"x", "y"}, Table().add("n", std::vector<std::int64_t>{1, 2})}; }

std::string mixed(ImageOut& image, ListOut<Tensor<float>>& tensors, ListOut<std::string>& none, BytesOut& bytes)
{
    const ImageSpan pixels = image.make(2, 2);
    std::fill(pixels.pixels.begin(), pixels.pixels.end(), std::uint8_t{7});
    for (int n = 1; n <= 3; ++n) {
        const TensorSpan<float> tensor = tensors.make({n});
        std::fill(tensor.data.begin(), tensor.data.end(), static_cast<float>(n));
    }
    (void)none; // a list may stay empty
    bytes.make(1000)[0] = std::byte{42};
    bytes.trim(1);
    return "last";
}

struct What {
    std::string what = "runtime_error";
    static void fields(Fields<What>& f) { f("what", &What::what, "Which exception").choices({"runtime_error", "int", "bad_alloc", "cancelled", "empty"}); }
};

double throwing(const What& p)
{
    if (p.what == "int") throw 7;
    if (p.what == "bad_alloc") throw std::bad_alloc();
    if (p.what == "cancelled") throw Cancelled{};
    if (p.what == "empty") throw std::runtime_error("");
    throw std::runtime_error("the disk is on fire");
}

void forgets(TensorOut<float>&) {}
void twice(TensorOut<float>& out)
{
    out.make({1});
    out.make({1});
}
double waits(Call& call)
{
    call.info(text("attempt ", call.attempt(), " index ", call.mapIndex(), " of ", call.mapCount()));
    for (int i = 0; i < 100; ++i) {
        call.progress(i / 100.0);
        call.checkCancelled();
    }
    return 1;
}
Tensor<std::uint8_t> large() { return {{1'000'000}, std::vector<std::uint8_t>(1'000'000, 1)}; }

// Puts, submits with a mix of values and objects, waits and reads.
double parent(Call& call)
{
    const Ref put = call.put(4.0);
    const Ref text = call.submit("odd.several", Json::object(), {}, 3)[0];
    const std::vector<Ref> both = {put, text};
    const std::vector<bool> ready = call.wait(both, 2);
    if (!ready[0] || !ready[1]) throw Error("not ready");
    const Ref total = call.submit("odd.total", Json::object(), Arguments().items(both)).front();
    return call.get<double>(total);
}
double total(List<double> numbers)
{
    double out = 0;
    for (const double number : numbers) out += number;
    return out;
}
double parentOfFailing(Call& call) { return call.get<double>(call.submit("odd.throwing", Json::object(), {}).front()); }

std::int32_t runComputed(const orrery_call_v1_t* call, void*)
{
    return guarded(call, [call] {
        for (std::uint32_t i = 0; i < call->output_count; ++i) {
            void* memory = call->host->allocate(call->context, i, sizeof(orrery_value_t));
            if (memory == nullptr) throw Error("no memory");
            Encode<std::int64_t>(i).write(memory);
        }
    });
}
void computedPorts(const Json& params, PortSink& sink)
{
    const int count = params.at("count").get<int>();
    if (count > 3) throw Error("three outputs at most");
    for (int i = 0; i < count; ++i) sink.output({text("out", i), "i64", "One of them"});
}

} // namespace

ORRERY_PLUGIN("odd", "0.0.1", "For tests.")
{
    plugin.function<describe>("describe", "Its parameters as JSON text.", out("text"));
    plugin.function<kinds>("kinds", "One input of every kind.", in("a"), in("b"), in("c"), in("d"), in("e"), in("f"), in("g"), in("h"), in("i"), in("j"), in("k"), in("l"), out("text"));
    plugin.function<several>("several", "Three results.", out("number"), out("texts"), out("table")).cpus(0.5).gpus(1).memory(1 << 20).resource("licence", 2).retries(0).pure().label("Several");
    plugin.function<mixed>("mixed", "Built in place and returned.", out("image"), out("tensors"), out("none"), out("bytes"), out("text"));
    plugin.function<throwing>("throwing", "Throws.", out("value"));
    plugin.function<forgets>("forgets", "Leaves its output out.", out("value"));
    plugin.function<twice>("twice", "Gives its output twice.", out("value"));
    plugin.function<waits>("waits", "Listens to a cancel.", out("value"));
    plugin.function<large>("large", "A megabyte.", out("value"));
    plugin.function<parent>("parent", "Submits others.", out("value"));
    plugin.function<total>("total", "Adds.", in("numbers"), out("value"));
    plugin.function<parentOfFailing>("parent_of_failing", "Its child fails.", out("value"));
    plugin.raw("computed", "As many outputs as asked for.", &runComputed)
        .params(R"({"additionalProperties":false,"properties":{"count":{"default":2,"type":"integer"}},"type":"object"})")
        .computedPorts(&computedPorts);
    plugin.page(R"({"page": 1, "title": "Odd"})");
}
