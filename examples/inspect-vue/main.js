// @ts-check
import { inspect } from 'countersign/inspect'
import { computed, createApp, defineComponent, h, ref } from 'vue'

const TokenInspector = defineComponent(() => {
  const token = ref('')
  const inspection = computed(() => inspect(token.value.trim()))
  const read = (/** @type {Event} */ { target }) => {
    token.value = /** @type {HTMLTextAreaElement} */ (target).value
  }
  return () => {
    const { claims, time, warnings, error } = inspection.value
    return h('main', [
      h('h1', 'Inspect a token'),
      h('label', { for: 'token' }, 'Access token'),
      h('textarea', { id: 'token', rows: 6, cols: 80, value: token.value, onInput: read }),
      h('p', { id: 'state', role: 'status' }, error?.code ?? time?.state ?? 'opaque'),
      h(
        'ul',
        { id: 'warnings' },
        warnings.map(({ message }) => h('li', message)),
      ),
      h('pre', { id: 'claims' }, claims && JSON.stringify(claims, null, 2)),
    ])
  }
})

createApp(TokenInspector).mount('#root')
