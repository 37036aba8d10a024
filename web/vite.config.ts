import adapter from "@sveltejs/adapter-static";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig, type Plugin } from "vite";

/**
 * Kit's root component hides its announcer by a style attribute, which our policy forbids. `app.css` hides it
 * instead, so the attribute goes: a build in which it is no longer found fails.
 */
const announcerWithoutStyle: Plugin = {
  name: "keystrand:announcer-without-style",
  enforce: "pre",
  transform(code, id) {
    if (!id.split("?")[0]?.endsWith("/kit/src/runtime/components/root.svelte") || id.includes("?"))
      return null;
    const changed = code.replace(/(id="svelte-announcer"[^>]*?)\s+style="[^"]*"/, "$1");
    if (changed === code) throw new Error("Kit's announcer has changed: look at it and at app.css.");
    return changed;
  },
};

export default defineConfig({
  // Our policy takes fonts and scripts from files only, not from data: addresses.
  build: { assetsInlineLimit: 0 },
  plugins: [
    announcerWithoutStyle,
    sveltekit({
      adapter: adapter(),
      // Routes live behind the #: one file serves every deep link from any file server or IPFS gateway.
      router: { type: "hash" },
      csp: {
        mode: "hash",
        // `serve.ts` sends the same as a header, narrowed to the endpoints that it was given.
        directives: {
          "default-src": ["none"],
          "script-src": ["self", "wasm-unsafe-eval"],
          "style-src": ["self"],
          "img-src": ["self", "data:", "blob:"],
          "font-src": ["self"],
          "worker-src": ["self"],
          "connect-src": ["self", "https:", "wss:", "http://127.0.0.1:*", "ws://127.0.0.1:*"],
          "base-uri": ["none"],
          "form-action": ["none"],
        },
      },
    }),
  ],
});
