/** Everything about one asset. `symbol` as in the address: in lower case, or a numeric id. */
export function AssetView({ symbol }: { readonly symbol: string }) {
  return <main>{symbol}</main>;
}
