import { inspect } from 'countersign/inspect'
import { useMemo, useState } from 'react'
import { createRoot } from 'react-dom/client'

function TokenInspector() {
  const [token, setToken] = useState('')
  const { claims, time, warnings, error } = useMemo(() => inspect(token.trim()), [token])
  return (
    <main>
      <h1>Inspect a token</h1>
      <label htmlFor="token">Access token</label>
      <textarea id="token" rows={6} cols={80} value={token} onChange={(event) => setToken(event.target.value)} />
      <p id="state" role="status">
        {error?.code ?? time?.state ?? 'opaque'}
      </p>
      <ul id="warnings">
        {warnings.map(({ code, claim, message }) => (
          <li key={`${code} ${claim}`}>{message}</li>
        ))}
      </ul>
      <pre id="claims">{claims && JSON.stringify(claims, null, 2)}</pre>
    </main>
  )
}

createRoot(document.getElementById('root')).render(<TokenInspector />)
